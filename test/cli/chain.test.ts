import assert from 'node:assert/strict'
import {linkMoodyAgent} from '../support/moody-agent.js'
import {CliUser} from '../support/cli-user.js'
import {json, jsonLines, type Finished, type RunOptions} from '../support/sandbox.js'

interface Report {
  run_id: string
  total_steps: number
  completed_steps: number
  failed_step?: number
  results: Record<string, unknown>[]
}

/** One prompt after the other, with agents that need no account. */
describe('clinvk chain', () => {
  let user: CliUser
  beforeEach(() => {
    user = new CliUser({CLINVK_BACKEND: 'echo'})
    linkMoodyAgent(user)
  })
  afterEach(() => user.remove())

  const chain = (work: object | string, words: readonly string[] = [], options: RunOptions = {}) =>
    user.clinvk(['chain', ...words], {
      stdin: typeof work === 'string' ? work : JSON.stringify(work),
      ...options,
    })
  const report = (finished: Finished) => json(finished) as unknown as Report
  const outputs = ({results}: Report) => results.map(({output}) => output)

  it('gives each step what those before it have said', async () => {
    const steps = [
      {prompt: 'one', name: 'first'},
      {prompt: 'two: {{previous}}', backend: 'moody'},
      {prompt: 'three: {{steps.first.output}}; {{ previous }}; {{steps.2.output}}', backend: 'moody'},
    ]
    const finished = await chain({steps}, ['--json'])
    const {completed_steps: completed, results, total_steps: total} = report(finished)
    assert.deepEqual({code: finished.code, completed, total}, {code: 0, completed: 3, total: 3})
    const second = 'two: You said: one'
    assert.deepEqual(outputs({results} as Report), [
      'You said: one',
      second,
      `three: You said: one; ${second}; ${second}`,
    ])
    assert.deepEqual([results[0]!.step, results[0]!.name, results[1]!.name], [1, 'first', undefined])
  })

  it('takes braces in an answer, and braces that are no placeholder, as they are', async () => {
    const steps = [
      {prompt: 'say {{{{previous}}', backend: 'moody'},
      {prompt: '{{previous}} {{#each x}} {{ a | b }} {% x %}', backend: 'moody'},
    ]
    assert.deepEqual(outputs(report(await chain(steps, ['--json']))), [
      'say {{previous}}',
      'say {{previous}} {{#each x}} {{ a | b }} {% x %}',
    ])
  })

  it('passes an answer of 5 MB on', async () => {
    const text = `begin ${'x'.repeat(5_000_000)} end`
    const steps = [
      {prompt: text, backend: 'moody'},
      {prompt: 'again {{previous}}', backend: 'moody'},
    ]
    const {results} = report(await chain(steps, ['--json']))
    assert.equal(String(results[1]!.output).length, 'again '.length + text.length)
  })

  it('stops at the first step that fails', async () => {
    const steps = [{prompt: 'one'}, {prompt: 'fail', backend: 'moody'}, {prompt: 'three'}]
    const finished = await chain(steps, ['--json'])
    const {completed_steps: completed, failed_step: failed, results} = report(finished)
    assert.deepEqual([finished.code, completed, failed, results.length], [1, 1, 2, 2])
    const text = await chain(steps)
    assert.match(text.stdout, /^3 steps: 1 succeeded, 1 failed, 1 not run, in /m)
    assert.match(text.stderr, /^Error: .*the mood is bad/m)
  })

  it('goes on where stop_on_failure or --no-stop-on-failure says so; the flag wins', async () => {
    const steps = [
      {prompt: 'fail', backend: 'moody'},
      {prompt: 'then {{previous}}', backend: 'moody'},
    ]
    const outcome = async (work: object, words: string[] = []) => {
      const finished = await chain(work, [...words, '--json'])
      const {completed_steps: completed, failed_step: failed, results} = report(finished)
      return [finished.code, completed, failed, results.length]
    }

    assert.deepEqual(await outcome({steps, stop_on_failure: false}), [1, 1, 1, 2])
    assert.deepEqual(await outcome({steps}, ['--no-stop-on-failure']), [1, 1, 1, 2])
    assert.deepEqual(await outcome({steps, stop_on_failure: false}, ['--stop-on-failure']), [1, 0, 1, 1])
  })

  it('goes on with one conversation where the backend is the same and pass_session_id says so', async () => {
    const steps = [{prompt: 'one'}, {prompt: 'between', backend: 'moody'}, {prompt: 'two'}]
    const {results} = report(await chain({steps, pass_session_id: true}, ['--json']))
    assert.match(String(results[2]!.output), /This is turn 2 of our conversation/)
    assert.equal(results[2]!.session_id, results[0]!.session_id)
    assert.equal(user.sessions().length, 2)
    const apart = report(await chain({steps}, ['--json']))
    assert.notEqual(apart.results[2]!.session_id, apart.results[0]!.session_id)
  })

  it('refuses to pass a session to a backend that cannot go on with one', async () => {
    const steps = [
      {prompt: 'one', backend: 'moody'},
      {prompt: 'two', backend: 'moody'},
    ]
    const {code, stderr} = await chain({steps, persist_sessions: true})
    assert.match(stderr, /Step 2 cannot run.*pass_session_id is refused: Moody cannot/)
    assert.equal(code, 10)
  })

  it('passes the directory of a step on where pass_working_dir says so', async () => {
    const app = user.directory('project/app')
    const steps = [{prompt: 'one', workdir: 'app'}, {prompt: 'two'}]
    const directories = async (work: object) =>
      report(await chain(work, ['--json'])).results.map(({working_dir: directory}) => directory)
    assert.deepEqual(await directories({steps, pass_working_dir: true}), [app, app])
    assert.deepEqual(await directories({steps}), [app, user.project])
  })

  it('ends a step at its own time limit', async () => {
    const finished = await chain(
      [{prompt: 'hang', backend: 'moody', timeout: '300ms'}, {prompt: 'x'}],
      ['--json'],
    )
    const {failed_step: failed, results} = report(finished)
    assert.deepEqual(
      [finished.code, failed, results[0]!.outcome, results[0]!.exit_code],
      [1, 1, 'timeout', 6],
    )
  })

  it('prints each answer under its heading, and the table', async () => {
    const {stdout} = await chain([{prompt: 'one', name: 'first'}, {prompt: 'two'}])
    assert.match(
      stdout,
      /^\[1\/2\] first \(echo\)\nYou said: one\n\n\[2\/2\] step-2 \(echo\)\nYou said: two\n\n# +BACKEND/,
    )
    assert.match(
      stdout,
      /^2 steps: 2 succeeded, in .*\nSessions: clinvk sessions list --run [0-9a-f]{8}\n$/m,
    )
  })

  it('prints with --quiet the last answer alone', async () => {
    const {stderr, stdout} = await chain([{prompt: 'one'}, {prompt: 'two {{previous}}'}], ['-q'])
    assert.deepEqual([stdout, stderr], ['You said: two You said: one\n', ''])
  })

  it('prints with -o stream-json the events of each step', async () => {
    const lines = jsonLines(await chain([{prompt: 'one'}, {prompt: 'two'}], ['-o', 'stream-json']))
    assert.deepEqual(
      [lines[0]!.type, lines.at(-1)!.type, lines.at(-1)!.completed_steps],
      ['run', 'run_done', 2],
    )
    assert.deepEqual(
      lines.flatMap(({task_id: id, type}) => (type === 'done' ? [id] : [])),
      ['step-1', 'step-2'],
    )
  })

  it('says with --dry-run what would be run, placeholders as they stand, as one JSON object with --json', async () => {
    const steps = [{prompt: 'one'}, {prompt: 'two {{previous}}'}]
    const finished = await chain(steps, ['--dry-run', '--json'])
    assert.deepEqual(
      report(finished).results.map(({stdin}) => stdin),
      ['one', 'two {{previous}}'],
    )
    assert.match(
      (await chain(steps, ['--dry-run'])).stdout,
      /^\[2\/2\] step-2 \(echo\)\nWould execute: .*previous/m,
    )
    assert.deepEqual(user.sessions(), [])
  })
})
