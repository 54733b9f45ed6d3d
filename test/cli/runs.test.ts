import assert from 'node:assert/strict'
import {appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {linkKeeperAgent, stop} from '../support/keeper-agent.js'
import {linkBackendPlugin} from '../support/link-plugin.js'
import {reportOf, withRuns} from '../support/runs.js'
import {each, ends, json, type Sandbox} from '../support/sandbox.js'
import {scenes} from '../support/scenes.js'

describe('clinvk runs', () => {
  const {report, run, user} = withRuns('parallel')
  const clinvk = (...words: string[]) => user.clinvk(words)
  const folder = () => join(user.home, '.clinvk/runs')
  const logOf = (id: string) => join(folder(), id, 'log.jsonl')

  scenes(user, 'runs')

  it('retries only what has failed, in its session, then what waited for it', async () => {
    linkTiredAgent(user)
    const {run_id: id, results} = await report([
      {prompt: 'once', name: 'good'},
      {prompt: 'work', name: 'bad', backend: 'tired'},
      {prompt: 'after {{tasks.bad.output}}', needs: 'bad'},
    ])
    assert.deepEqual(each(results, 'outcome'), ['success', 'failed', 'cancelled'])
    const again = reportOf(await clinvk('runs', 'retry', id, '--json'))
    assert.deepEqual(each(again, 'outcome'), ['success', 'success', 'success'])
    const sessions = again.results.map(
      ({session_id: session}, index) => session === results[index]!.session_id,
    )
    assert.deepEqual(sessions, [true, true, false])
    assert.equal(again.results[0]!.start_time, results[0]!.start_time, 'the first did not run again')
    assert.match(
      String(again.results[2]!.output),
      /You said: after The turn before did not succeed\. Try again/,
    )
    await ends(clinvk('runs', 'retry', id), {code: 1, stderr: /nothing to run again/})
  })

  it('lets others run while a task waits for a limit of its agent', async () => {
    linkKeeperAgent(user, 'keeper', {capabilities: {ephemeral: true}})
    const tasks = [{prompt: 'one', backend: 'keeper', wait_for_reset: '1m'}, 'two']
    for (const words of [['--ephemeral'], []]) {
      stop(user, 'keeper', {outcome: 'rate_limit', resetsInMs: 1500})
      const done = await report({tasks, max_parallel: 1}, words)
      assert.deepEqual(each(done, 'outcome'), ['success', 'success'])
      assert.ok(String(done.results[1]!.end_time) < String(done.results[0]!.end_time), words.join())
    }
    await ends(clinvk('runs', 'logs', '@last'), {
      stdout: /task 1 {2}waits for a limit until [^]*task 2 {2}started/,
    })
  })

  it('says what is damaged, and lists the others', async () => {
    const {run_id: id} = await report(['one'])
    const {run_id: bad} = await report(['two'])
    writeFileSync(logOf(id), `${readFileSync(logOf(id), 'utf8')}\0\0{"torn`)
    writeFileSync(join(folder(), bad, 'run.json'), '{"version": 2}')
    const listed = await ends(clinvk('runs', '--json'), {
      code: 0,
      stderr: /run\.json: it does not describe a run/,
    })
    assert.deepEqual(
      (json(listed).runs as {id: string; state: string}[]).map((one) => [one.id, one.state]),
      [[id, 'done']],
    )
    await ends(clinvk('runs', 'resume', bad), {code: 4, stderr: /cannot be read[^]*sessions list/})
    await ends(clinvk('runs', 'resume', id), {code: 0})
    await ends(clinvk('runs', 'show', 'ffff'), {
      code: 4,
      stderr: /There is no run ffff\.\n {2}See: clinvk runs/,
    })
    await ends(clinvk('runs', 'show', 'x/../y'), {code: 1, stderr: /is not the id of a run/})
    rmSync(logOf(id))
    mkdirSync(logOf(id))
    await ends(clinvk('runs', 'clean', '--older-than', '1d'), {
      code: 0,
      stderr: /log\.jsonl: it is not a file/,
    })
  })

  it('leaves out lines of a log that are damaged or of a later version', async () => {
    await run([{prompt: 'one'}])
    const [id = ''] = readdirSync(folder())
    const shown = async () => [
      (await clinvk('runs', 'show', id)).stdout,
      (await clinvk('runs', 'show', id, '1')).stdout,
      (await clinvk('runs', 'logs', id)).stdout,
    ]
    const before = await shown()
    for (const event of [
      {type: 'done', task: 1, backend: 'echo', result: {}},
      {type: 'done', task: 1, backend: 'echo', result: null},
      {type: 'session', task: 1, session_id: {}},
      {type: 'worktree', task: 1, worktree: {path: 7}},
      {type: 'ended', state: [], exit_code: 1},
      {type: 'constructor'},
      {type: 'later', task: 1},
    ])
      appendFileSync(logOf(id), `${JSON.stringify({at: '2026-01-01T00:00:00.000Z', ...event})}\n`)
    assert.deepEqual(await shown(), before)
  })

  it('deletes the logs of old runs, and no session', async () => {
    const {run_id: id} = await report(['one'])
    await ends(clinvk('runs', 'clean', '--older-than', '1d'), {stdout: /Deleted 0 runs/})
    const log = readFileSync(logOf(id), 'utf8').replaceAll(/"at":"\d{4}/g, '"at":"2020')
    writeFileSync(logOf(id), log)
    await ends(clinvk('runs', 'clean', '--older-than', '30d', '--dry-run'), {stdout: RegExp(id.slice(0, 8))})
    await ends(clinvk('runs', 'clean', '--older-than', '30d'), {stdout: /Deleted 1 run\./})
    assert.deepEqual([readdirSync(folder()), user.sessions().length], [[], 1])
  })
})

/** Links a backend whose agent fails in the first turn of a conversation. */
function linkTiredAgent(user: Sandbox): void {
  const agent = `
    import {text} from 'node:stream/consumers'
    const [, , kind, id] = process.argv
    console.log(JSON.stringify({type: 'session', backend_session_id: id}))
    console.log(JSON.stringify({type: 'text', text: await text(process.stdin)}))
    process.exitCode = kind === 'new' ? 1 : 0
  `
  const code = `export default {
    plan: ({prompt, session: {kind, id}}) => ({kind: 'invocation', args: [kind, id], stdin: prompt}),
    reader: () => ({
      line: (line) => [JSON.parse(line)],
      end: ({code}) => (code === 0 ? {outcome: 'success'} : {outcome: 'failed', message: 'I am tired.'}),
    }),
  }`
  linkBackendPlugin(user, 'tired', code, {agent, descriptor: {capabilities: {resume: true}}})
}
