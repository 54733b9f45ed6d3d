import assert from 'node:assert/strict'
import {mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {mock} from 'node:test'
import type {Clinvk} from '../../../plugins/serve/src/core/clinvk.js'
import {SILENT, TurnRunner} from '../../../plugins/serve/src/core/turn-runner.js'
import {serveSettings} from '../../../plugins/serve/src/core/settings.js'
import {FakeClinvk} from '../../support/fake-clinvk.js'

describe('runner of the server', () => {
  let home: string
  let clinvk: FakeClinvk

  beforeEach(() => {
    home = realpathSync(mkdtempSync(join(tmpdir(), 'clinvk-runner-')))
    for (const name of ['work', 'work/sub', 'other']) mkdirSync(join(home, name))
    writeFileSync(join(home, 'work/file'), '')
    symlinkSync(join(home, 'other'), join(home, 'work/link'))
    clinvk = new FakeClinvk()
  })
  afterEach(() => {
    mock.timers.reset()
    rmSync(home, {recursive: true})
  })

  const open = (section: object = {}, env: Record<string, string> = {}) =>
    new TurnRunner(clinvk as unknown as Clinvk, serveSettings(section), {cwd: join(home, 'work'), env})
  const client = (lane = 'one', gone = new AbortController().signal) => ({id: 'c', lane, gone})
  const ask = (runner: TurnRunner, fields: object = {}, who = client()) =>
    runner.prompt({prompt: 'hi', session: {kind: 'new', fresh: true, tags: []}, ...fields}, who, SILENT)
  /** Resolves when so many prompts have reached clinvk. */
  const reached = async (count: number) => {
    while (clinvk.asked.length < count) await new Promise((resolve) => setImmediate(resolve))
  }

  describe('directories', () => {
    const cases: [string, string, string | undefined][] = [
      ['the one that the server was started in', 'work', undefined],
      ['one below it', 'work/sub', undefined],
      ['one beside it', 'other', 'ceiling'],
      ['one beside it, by ..', 'work/../other', 'ceiling'],
      ['one beside it, by a link', 'work/link', 'ceiling'],
      ['one that begins with the same letters', 'work-not', 'ceiling'],
      ['one that does not exist', 'work/none', 'usage'],
      ['a file', 'work/file', 'usage'],
      ['a name with NUL', 'work/a\0b', 'usage'],
    ]
    for (const [title, path, code] of cases) {
      it(`${code === undefined ? 'takes' : 'refuses'} ${title}`, async () => {
        const runner = open()
        for (const fields of [{workdir: `${home}/${path}`}, {add_dirs: [`${home}/${path}`]}]) {
          const {error} = await ask(runner, fields)
          assert.equal(error?.code ?? error?.kind, code)
        }
        assert.equal(clinvk.asked.length, code === undefined ? 2 : 0)
      })
    }

    it('refuses relative ones, and a session of another directory', async () => {
      const runner = open()
      assert.equal((await ask(runner, {workdir: 'sub'})).error?.kind, 'usage')
      clinvk.stored = [
        {id: 'aaaa', backend: 'echo', working_dir: join(home, 'other')},
        {id: 'bbbb', backend: 'echo', working_dir: join(home, 'work/sub')},
      ]
      const session = (reference: string, kind = 'named') => ({session: {kind, reference, tags: []}})
      assert.equal((await ask(runner, session('aaaa'))).error?.code, 'ceiling')
      assert.equal((await ask(runner, session('aaaa', 'fork'))).error?.code, 'ceiling')
      assert.equal((await ask(runner, session('cccc'))).error?.kind, 'session')
      assert.equal((await ask(runner, session('bbbb'))).error, undefined)
    })

    it('are those of server.directories, the first of which is the usual one', async () => {
      await ask(open({directories: [join(home, 'other')]}))
      assert.equal(clinvk.asked[0]!.workdir, join(home, 'other'))
    })
  })

  describe('ceilings', () => {
    const full = {unified_flags: {approval_mode: 'auto', sandbox_mode: 'full'}}
    const cases: [string, object, object, object, object | string][] = [
      [
        'what is within them',
        {},
        {},
        {sandbox_mode: 'workspace'},
        {approval_mode: 'default', sandbox_mode: 'workspace'},
      ],
      ['the sandbox full', {}, {}, {sandbox_mode: 'full'}, 'server.sandbox'],
      ['approval of edits', {}, {}, {approval_mode: 'auto'}, 'server.approval'],
      [
        'what the user has allowed',
        {sandbox: 'full', approval: 'auto'},
        {},
        {sandbox_mode: 'full', approval_mode: 'auto'},
        {approval_mode: 'auto', sandbox_mode: 'full'},
      ],
      [
        'less, where the settings say more',
        {},
        full,
        {},
        {approval_mode: 'default', sandbox_mode: 'workspace'},
      ],
      ['read-only, where that is the ceiling', {sandbox: 'read-only'}, {}, {}, {sandbox_mode: 'read-only'}],
      ['arguments for the agent', {}, {}, {extra: ['--yolo']}, 'server.allow'],
      ['tools without approval', {}, {}, {allowed_tools: ['Bash']}, 'server.allow'],
      ['another system prompt', {}, {}, {system_prompt: 'x'}, 'server.allow'],
      ['arguments that the user has allowed', {allow: ['extra']}, {}, {extra: ['-x']}, {extra: ['-x']}],
      ['the path of a schema', {}, {}, {schema: '/etc/passwd'}, 'JSON Schema'],
      ['no longer time than there is', {turn_timeout: '60s'}, {}, {timeout: '2h'}, {timeout: '60000ms'}],
      ['a shorter time', {}, {}, {timeout: 5}, {timeout: '5000ms'}],
    ]
    for (const [title, section, settings, fields, expected] of cases) {
      it(`${typeof expected === 'string' ? 'refuse' : 'let through'} ${title}`, async () => {
        clinvk.settings = settings
        const runner = open(section)
        const {error} = await ask(runner, fields)
        if (typeof expected === 'string') {
          assert.match(
            [error?.message, ...(error?.hints ?? [])].join(' '),
            new RegExp(expected.replace('.', '\\.')),
          )
          // The tasks of a run are no way around.
          const run = runner.run({kind: 'parallel', tasks: [{prompt: 'hi', ...fields}], file: {}}, client())
          await assert.rejects(run)
          assert.deepEqual([clinvk.asked, clinvk.runs], [[], []])
        } else {
          assert.equal(error, undefined)
          const [asked] = clinvk.asked
          for (const [name, value] of Object.entries(expected)) assert.deepEqual(asked![name], value)
        }
      })
    }

    it('hold for runs: directories of tasks, and how many run at once', async () => {
      const runner = open({max_turns: 2})
      const run = async (tasks: {prompt: string; workdir?: string}[], file = {}) =>
        runner.run({kind: 'parallel', tasks, file}, client())
      const compare = {kind: 'compare', prompt: 'hi', backends: ['echo']} as const
      const options = {add_dirs: [join(home, 'other')]}
      await assert.rejects(runner.run({...compare, options}, client()), {code: 'ceiling'})
      await assert.rejects(run([{prompt: 'hi', workdir: join(home, 'other')}]), {code: 'ceiling'})
      await run([{prompt: 'a'}, {prompt: 'b'}, {prompt: 'c'}], {max_parallel: 8})
      const [{file}] = clinvk.runs as unknown as [{file: {max_parallel: number; tasks: {workdir: string}[]}}]
      assert.equal(file.max_parallel, 2)
      assert.ok(file.tasks.every(({workdir}) => workdir === join(home, 'work')))
    })
  })

  it('gives agents none of the variables of the server', async () => {
    let env: object = {}
    clinvk.answer = (_request, call) => {
      env = call.env!
      return {}
    }
    await ask(open({}, {CLINVK_SERVE_TOKEN: 'secret', OTHER: 'x'}))
    assert.deepEqual(env, {CLINVK_SERVE_TOKEN: undefined, CLINVK_DEPTH: '1'})
  })

  it('runs no more turns than it may, lets others wait in turn, and refuses the rest', async () => {
    const runner = open({max_turns: 1, max_waiting: 3})
    const ends: (() => void)[] = []
    clinvk.answer = () => new Promise((resolve) => ends.push(() => resolve({})))
    const turns = ['first', 'a1', 'a2', 'b1'].map((prompt) => ask(runner, {prompt}, client(prompt[0])))
    await reached(1)
    // All are in the queue once one more is refused.
    const refused = await ask(runner, {prompt: 'late'}, client('c'))
    assert.equal(refused.error?.code, 'busy')
    for (let count = 1; count <= 4; count++) {
      await reached(count)
      ends[count - 1]!()
    }
    await Promise.all(turns)
    assert.deepEqual(
      clinvk.asked.map(({prompt}) => prompt),
      ['first', 'a1', 'b1', 'a2'],
    )
  })

  it('lets one turn of a session wait 30 seconds for another one, and refuses a third', async () => {
    clinvk.stored = [{id: 'bbbb', backend: 'echo', working_dir: join(home, 'work')}]
    const runner = open()
    const ends: (() => void)[] = []
    clinvk.answer = () => new Promise((resolve) => ends.push(() => resolve({})))
    const session = {session: {kind: 'named', reference: 'bb', tags: []}}
    const first = ask(runner, session)
    await reached(1)
    const gone = new AbortController()
    const second = ask(runner, session, client('one', gone.signal))
    const third = await ask(runner, session)
    assert.equal(third.error?.code, 'session_busy')
    gone.abort()
    assert.equal((await second).outcome, 'cancelled')
    mock.timers.enable({apis: ['setTimeout']})
    const late = ask(runner, session)
    // It waits once one more is refused.
    await ask(runner, session)
    mock.timers.tick(29_999)
    const isWaiting = Promise.race([late, new Promise((resolve) => setImmediate(resolve))])
    assert.equal(await isWaiting, undefined)
    mock.timers.tick(1)
    assert.equal((await late).error?.code, 'session_busy')
    const fourth = ask(runner, session)
    ends[0]!()
    await first
    await reached(2)
    ends[1]!()
    assert.equal((await fourth).outcome, 'success')
  })

  it('ends the turn of a client that leaves, and takes nothing any more once it is closed', async () => {
    const runner = open()
    clinvk.answer = (_request, {stop}) =>
      new Promise((resolve) => stop.addEventListener('abort', () => resolve({})))
    const gone = new AbortController()
    const turn = ask(runner, {}, client('one', gone.signal))
    await reached(1)
    gone.abort()
    assert.equal((await turn).outcome, 'cancelled')
    const other = ask(runner)
    await reached(2)
    runner.close()
    assert.equal((await ask(runner)).error?.code, 'shutdown')
    runner.cancel()
    await runner.empty()
    assert.equal((await other).error?.code, 'shutdown')
  })
})
