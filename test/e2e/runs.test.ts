import assert from 'node:assert/strict'
import {existsSync, readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {identify} from 'clinvk-kit/process/identity'
import {linkKeeperAgent, stop} from '../support/keeper-agent.js'
import {linkBackendPlugin} from '../support/link-plugin.js'
import {linkMoodyAgent} from '../support/moody-agent.js'
import {type Report} from '../support/runs.js'
import {each, ends, json, Sandbox} from '../support/sandbox.js'

/** Runs whose process is killed, ends elsewhere, or has no terminal. */
describe('a run', () => {
  const user = new Sandbox({CLINVK_BACKEND: 'echo'}).forEachTest()
  beforeEach(() => linkMoodyAgent(user))

  const idOfRun = () => readdirSync(join(user.home, '.clinvk/runs'))[0]!
  const fileOfRun = (name: string) => readFileSync(join(user.home, '.clinvk/runs', idOfRun(), name), 'utf8')
  const firstRun = async () => (json(await user.clinvk('runs --json')).runs as Record<string, unknown>[])[0]!

  it('that is killed continues with what is not done: its agent is ended, its session continues', async () => {
    linkSleepyAgent(user)
    const tasks = [
      {prompt: 'one', name: 'a'},
      {prompt: 'dream', backend: 'sleepy'},
      {prompt: 'three {{tasks.a.output}}', needs: ['a', 2]},
    ]
    const running = user.start(['parallel', '-o', 'stream-json'], {stdin: JSON.stringify(tasks)})
    await running.shows('"text":"dream"')
    await until(() => fileOfRun('log.jsonl').includes('"type":"done"'))
    const agent = user
      .sessions()
      .map(({running: now}) => (now as {agent?: {pid: number}} | undefined)?.agent?.pid)
    running.child.kill('SIGKILL')
    await running.finished
    assert.deepEqual((await firstRun()).state, 'interrupted')
    const again = await user.clinvk(['runs', 'resume', '@last', '--json'])
    const {results} = json(again) as unknown as Report
    assert.match(again.stderr, /Task 2 was interrupted: session \w{8} continues\./)
    assert.deepEqual(each(results, 'outcome'), ['success', 'success', 'success'])
    assert.match(String(results[1]!.output), /was interrupted\. Continue where it stopped/)
    assert.equal(results[2]!.output, 'You said: three You said: one')
    assert.equal(user.sessions().length, 3, 'one for each task')
    for (const pid of agent) assert.equal(pid && identify(pid), undefined)
  })

  for (const [what, words, output, structured] of [
    ['its answer', ['one'], 'You said: one', undefined],
    ['its JSON', ['{"a": 1}', '--schema', '{"required": ["a"]}'], '{\n  "a": 1\n}', {a: 1}],
  ] as const) {
    it(`that is killed as a task has just ended takes ${what} from the transcript`, async () => {
      // The agent kills clinvk when the session has its answer, before the log has it.
      const running = user.start(['parallel', '-o', 'stream-json', ...words])
      await running.shows('"type":"run"')
      await running.finished
      const lines = fileOfRun('log.jsonl').trimEnd().split('\n')
      const cut = lines.findIndex((line) => line.includes('"type":"done"'))
      user.write(`.clinvk/runs/${idOfRun()}/log.jsonl`, `${lines.slice(0, cut).join('\n')}\n{"at":"torn`)
      const {results} = json(await user.clinvk(['runs', 'resume', '@last', '--json'])) as unknown as Report
      const [done] = results
      assert.deepEqual([done!.outcome, done!.output, done!.structured], ['success', output, structured])
      assert.equal(user.sessions()[0]!.turn_count, 1, 'it did not run again')
    })
  }

  it('that is killed while a fallback works continues the session of the fallback', async () => {
    linkKeeperAgent(user)
    linkSleepyAgent(user)
    stop(user, 'keeper', {outcome: 'rate_limit'})
    const tasks = [{prompt: 'dream', backend: 'keeper', fallback: 'sleepy'}]
    const running = user.start(['parallel', '-o', 'stream-json'], {stdin: JSON.stringify(tasks)})
    await running.shows('"text":"dream"')
    running.child.kill('SIGKILL')
    await running.finished
    const {results} = json(await user.clinvk(['runs', 'resume', '@last', '--json'])) as unknown as Report
    const [result] = results
    assert.deepEqual([result!.outcome, result!.backend], ['success', 'sleepy'], JSON.stringify(results))
    assert.match(String(result!.output), /was interrupted\. Continue where it stopped/)
    assert.equal(user.sessions().length, 2, 'one for each agent')
  })

  it('that is killed while it waits for a limit asks again', async () => {
    linkKeeperAgent(user)
    stop(user, 'keeper', {outcome: 'rate_limit', resetsInMs: 600_000})
    const tasks = [{prompt: 'one', backend: 'keeper', wait_for_reset: '1h'}]
    const running = user.start(['parallel', '--json'], {stdin: JSON.stringify(tasks)})
    await running.shows('Waiting', 'stderr')
    running.child.kill('SIGKILL')
    await running.finished
    const {results} = json(await user.clinvk(['runs', 'resume', '@last', '--json'])) as unknown as Report
    assert.equal(results[0]!.outcome, 'success', JSON.stringify(results))
    assert.match(String(results[0]!.output), /I know: one/)
    assert.equal(user.sessions().length, 1)
  })

  it('has one process at a time, and can be ended, waited for and followed from elsewhere', async () => {
    const started = await ends(user.clinvk(['parallel', '-b', 'moody', 'hang on', 'quick', '--detach']), {
      code: 0,
    })
    const id = started.stdout.trim()
    assert.match(id, /^[0-9a-f]{32}$/)
    await until(() => fileOfRun('output.txt').includes('quick'))
    assert.equal((await firstRun()).state, 'running')
    await ends(user.clinvk(['runs', 'resume', id]), {
      code: 4,
      stderr: /is in use: process \d+ runs it\.[^]*runs wait[^]*runs cancel/,
    })
    const following = user.start(['runs', 'logs', '-f', id])
    await following.shows('started (moody)')
    const waiting = user.start(['runs', 'wait', id])
    const ended = await ends(user.clinvk(['runs', 'cancel', id, '--json']), {code: 0})
    assert.deepEqual([json(ended).id, json(ended).state], [id, 'cancelled'])
    const [followed, waited] = await Promise.all([following.finished, waiting.finished])
    assert.match(followed.stdout, /cancelled, exit code 143\n$/)
    assert.equal(waited.code, 143)
    assert.deepEqual((await firstRun()).state, 'cancelled')
    await ends(user.clinvk(['runs', 'cancel', id]), {code: 1, stderr: /is not running: cancelled/})
  })

  it('does not start without a terminal where a task cannot run', async () => {
    await ends(user.clinvk(['parallel', '-b', 'nope', 'a', 'b', '--detach']), {
      code: 2,
      stderr: /nothing was started/,
    })
    assert.equal(existsSync(join(user.home, '.clinvk/runs')), false)
  })
})

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 20))
}

/** Links a backend whose agent does not end in the first turn of a conversation. */
function linkSleepyAgent(user: Sandbox): void {
  const agent = `
    import {text} from 'node:stream/consumers'
    const [, , kind, id] = process.argv
    console.log(JSON.stringify({type: 'session', backend_session_id: id}))
    console.log(JSON.stringify({type: 'text', text: await text(process.stdin)}))
    if (kind === 'new') setInterval(() => undefined, 1000)
  `
  const code = `export default {
    plan: ({prompt, session: {kind, id}}) => ({kind: 'invocation', args: [kind, id], stdin: prompt}),
    reader: () => ({line: (line) => [JSON.parse(line)], end: () => ({outcome: 'success'})}),
  }`
  linkBackendPlugin(user, 'sleepy', code, {agent, descriptor: {capabilities: {resume: true}}})
}
