import assert from 'node:assert/strict'
import {mkdirSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import type {Kit, PromptRequest, PromptResult, RunRequest} from '../../../plugins/kit/src/for-plugins/kit.js'
import {CliUser} from '../../support/cli-user.js'
import {linkBackendPlugin, linkPlugin} from '../../support/link-plugin.js'
import {linkMoodyAgent} from '../../support/moody-agent.js'
import {pageBlocks} from '../../support/page-blocks.js'
import {each, ends, json, ROOT, wordsOf} from '../../support/sandbox.js'
import {waitFor} from '../../support/wait-for.js'

describe('the hook kit', () => {
  let user: CliUser
  let kit: Kit
  beforeEach(async () => {
    user = new CliUser()
    linkMoodyAgent(user)
    kit = await kitOf(user)
  })
  afterEach(() => user.remove())

  const silent = {needsContent: true, start() {}, event() {}, notice() {}, done() {}}
  const never = new AbortController().signal
  const prompt = (request: PromptRequest, call: object = {}): Promise<PromptResult> =>
    kit.prompt({backend: 'echo', ...request}, {output: silent, stop: never, hurry: never, ...call})
  const run = (request: RunRequest, call: object = {}) =>
    kit.run(request, {stop: never, hurry: never, ...call})
  const sessions = async () => json(await user.clinvk(['sessions', 'list', '--json'])).sessions as Session[]

  it('lets a command of 30 lines ask two agents, as the page about it says', async () => {
    const blocks = pageBlocks(join(ROOT, 'docs/plugins/kit.md'))
    for (const {file, text} of blocks) {
      if (file === undefined) continue
      const path = join(user.project, file)
      mkdirSync(dirname(path), {recursive: true})
      writeFileSync(path, text)
    }
    const [link, ask] = blocks
      .find(({language}) => language === 'sh')!
      .text.trim()
      .split('\n')
    await ends(user.clinvk(wordsOf(link!).slice(1)), {code: 0})
    const {text} = blocks.find(({language}) => language === 'text')!
    await ends(user.clinvk(wordsOf(ask!).slice(1)), {code: 0, stdout: text})
  })

  it('runs turns at the same time, tells each what happens, and lists them while they run', async () => {
    const told: string[] = []
    const output = {
      ...silent,
      start: ({backend}: {backend: string}) => told.push(`start ${backend}`),
      event: ({type}: {type: string}) => told.push(type),
      done: () => told.push('done'),
    }
    const stop = new AbortController()
    const hanging = prompt({prompt: 'hang', backend: 'moody'}, {stop: stop.signal})
    await waitFor('the first turn runs', () => kit.turns().length === 1)
    const [one, two] = await Promise.all([prompt({prompt: 'one'}, {output}), prompt({prompt: 'two'})])
    assert.deepEqual([one.content, two.content], ['You said: one', 'You said: two'])
    assert.deepEqual([told[0], told.at(-1)], ['start echo', 'done'])
    assert.ok(told.includes('text'))
    const [turn] = kit.turns()
    const running = (await sessions()).find(({running: is}) => is)
    assert.deepEqual([turn!.backend, turn!.sessionId], ['moody', running!.id])
    stop.abort('SIGTERM')
    assert.equal((await hanging).outcome, 'cancelled')
    assert.deepEqual(kit.turns(), [])
    assert.equal((await sessions()).length, 3)
  })

  it('ends one turn of several by the list', async () => {
    const turns = ['hang 1', 'hang 2'].map((words) => prompt({prompt: words, backend: 'moody'}))
    await waitFor('both run', () => kit.turns().length === 2)
    const [first, second] = kit.turns()
    first!.cancel()
    await waitFor('one has ended', () => kit.turns().length === 1)
    assert.equal(kit.turns()[0]!.id, second!.id)
    second!.cancel()
    assert.deepEqual(each(await Promise.all(turns), 'outcome'), ['cancelled', 'cancelled'])
  })

  it('continues and forks sessions, and keeps nothing of an ephemeral turn', async () => {
    const tags: string[] = []
    const title = 'the first'
    const {session_id: id} = await prompt({prompt: 'one', session: {kind: 'new', fresh: true, title, tags}})
    assert.equal((await sessions())[0]!.title, title)
    const named = await prompt({prompt: 'two', session: {kind: 'named', reference: id!, tags}})
    assert.equal(named.session_id, id)
    const fork = await prompt({prompt: 'three', session: {kind: 'fork', reference: id!, tags}})
    assert.notEqual(fork.session_id, id)
    await prompt({prompt: 'four', session: {kind: 'ephemeral'}})
    assert.equal((await sessions()).length, 2)
  })

  it('has what goes wrong in the result, which the output is given once', async () => {
    for (const [request, outcome, message] of [
      [{prompt: 'x', backend: 'nobody'}, 'unavailable', /Unknown backend "nobody"/],
      [{prompt: 'x', bakend: 'echo'}, 'config', /unknown field bakend. Did you mean backend\?/],
      [{prompt: ' '}, 'config', /prompt/],
      [{prompt: 'x', max_turns: 'many'}, 'config', /max_turns/],
      [{prompt: 'x', workdir: '/nowhere'}, 'failed', /\/nowhere/],
      [{prompt: 'x', session: {kind: 'named', reference: 'abcdef', tags: []}}, 'session', /abcdef/],
      [{prompt: 'fail', backend: 'moody'}, 'failed', /mood is bad/],
    ] as const) {
      const given: PromptResult[] = []
      const output = {...silent, done: (result: PromptResult) => given.push(result)}
      const result = await prompt(request, {output})
      assert.equal(result.outcome, outcome, result.error?.message)
      assert.match(result.error!.message, message)
      assert.deepEqual(given, [result])
    }
  })

  it('shows with dry_run what would be run', async () => {
    const {dry_run: dry} = await prompt({prompt: 'x', dry_run: true})
    assert.deepEqual((dry as {backend: string}).backend, 'echo')
    assert.deepEqual(await sessions(), [])
  })

  it('gives the agent variables of one turn, and reads an edited config.yaml for the next', async () => {
    const agent = `process.stdout.write('depth ' + process.env.CLINVK_DEPTH)`
    const descriptor = {module: undefined, command: {args: []}}
    linkBackendPlugin(user, 'deep', '', {agent, descriptor})
    kit = await kitOf(user)
    assert.equal(
      (await prompt({prompt: 'x', backend: 'deep'}, {env: {CLINVK_DEPTH: '2'}})).content,
      'depth 2',
    )
    assert.equal((await prompt({prompt: 'x', backend: 'deep'})).content, 'depth undefined')
    user.write('.clinvk/config.yaml', 'default_backend: deep\n')
    assert.equal((await prompt({prompt: 'x', backend: undefined})).backend, 'deep')
  })

  it('runs tasks and steps and compares, and keeps the runs', async () => {
    const told: unknown[] = []
    const call = {started: (_: string, tasks: unknown) => told.push(tasks), output: () => silent}
    const tasks = [
      {prompt: 'one', name: 'a'},
      {prompt: '{{tasks.a.output}}!', needs: 'a'},
    ]
    const options = {backend: 'echo'}
    const file = {tasks: tasks.map((task) => ({...task, ...options}))}
    const parallel = await run({kind: 'parallel', file}, call)
    assert.deepEqual(outputs(parallel), ['You said: one', 'You said: You said: one!'])
    assert.deepEqual(told, [
      [
        {number: 1, label: 'a'},
        {number: 2, label: 'task-2'},
      ],
    ])
    const steps = [
      {prompt: 'one', ...options},
      {prompt: '{{previous}}?', ...options},
    ]
    assert.deepEqual(outputs(await run({kind: 'chain', file: {steps}})), [
      'You said: one',
      'You said: You said: one?',
    ])
    const backends = ['echo', 'moody']
    const compared = await run({kind: 'compare', prompt: 'both', backends})
    assert.deepEqual(outputs(compared), ['You said: both', 'both'])
    assert.deepEqual(each(kit.runs.list(), 'command', 'state'), [
      ['chain', 'done'],
      ['parallel', 'done'],
    ])
    assert.equal((kit.runs.show('@last').tasks as unknown[]).length, 2)
    await assert.rejects(run({kind: 'parallel', file: {tasks: [{prompt: 'x', promt: 'y'}]}}), {
      kind: 'config',
      message: /unknown field promt/,
    })
  })

  it('cancels a run that it has started, which `clinvk runs cancel` leaves alone', async () => {
    const file = {tasks: [{prompt: 'hang', backend: 'moody'}]}
    const running = run({kind: 'parallel', file})
    await waitFor('it runs', () => kit.turns().length === 1)
    const [{id}] = kit.runs.list() as [{id: string}]
    assert.equal(kit.turns()[0]!.run, id)
    await ends(user.clinvk(['runs', 'cancel', id]), {code: 4, stderr: /does more than this run/})
    assert.equal((await kit.runs.cancel(id)).state, 'cancelled')
    assert.equal((await running).cancelled, 1)
    await assert.rejects(kit.runs.cancel(id), {kind: 'session', message: /does not run here/})
  })
})

interface Session {
  readonly id: string
  readonly running: boolean
  readonly title: string
}

function outputs(data: Readonly<Record<string, unknown>>): unknown[] {
  return (data.results as {output: string}[]).map(({output}) => output)
}

/** What a plugin of this user is answered. */
async function kitOf(user: CliUser): Promise<Kit> {
  const code = `
    export default class Ask {
      static async run(argv, config) {
        const {successes} = await config.runHook('kit', {})
        globalThis.kitOfTest = successes[0].result
      }
    }`
  linkPlugin(user, 'clinvk-plugin-ask', {oclif: {commands: './commands'}}, {'commands/ask.js': code})
  await ends(user.clinvk(['ask']), {code: 0, stderr: ''})
  return (globalThis as unknown as {kitOfTest: Kit}).kitOfTest
}
