import assert from 'node:assert/strict'
import {withRuns} from '../support/runs.js'
import {each, ends} from '../support/sandbox.js'

describe('clinvk chain', () => {
  const runs = withRuns('chain')
  const {report, run} = runs
  const moody = (prompt: string) => ({prompt, backend: 'moody'})

  it('gives each step the outputs of those before it', async () => {
    const done = await report({
      steps: [
        {prompt: 'one', name: 'first'},
        moody('two: {{previous}}'),
        moody('three: {{steps.first.output}}; {{ previous }}; {{steps.2.output}}'),
      ],
    })
    const {code, completed_steps: completed, results, total_steps: total} = done
    assert.deepEqual({code, completed, total}, {code: 0, completed: 3, total: 3})
    const second = 'two: You said: one'
    assert.deepEqual(each(done, 'output'), [
      'You said: one',
      second,
      `three: You said: one; ${second}; ${second}`,
    ])
    assert.deepEqual([results[0]!.step, results[0]!.name, results[1]!.name], [1, 'first', undefined])
  })

  it('leaves braces in an output, and braces that are no placeholder, as they are', async () => {
    const braces = '{{#each x}} {{ a | b }} {% x %}'
    const done = await report([moody('say {{{{previous}}'), moody(`{{previous}} ${braces}`)])
    assert.deepEqual(each(done, 'output'), ['say {{previous}}', `say {{previous}} ${braces}`])
  })

  it('passes an output of 5 MB on', async () => {
    const text = `begin ${'x'.repeat(5_000_000)} end`
    const {results} = await report([moody(text), moody('again {{previous}}')])
    assert.equal(String(results[1]!.output).length, 'again '.length + text.length)
  })

  it('stops at the first step that fails, unless told otherwise; the flag beats the file', async () => {
    const steps = ['one', moody('fail'), moody('then {{previous}}')]
    for (const [work, words, expected] of [
      [steps, [], [1, 1, 2, 2]],
      [{steps, stop_on_failure: false}, [], [1, 2, 2, 3]],
      [{steps}, ['--no-stop-on-failure'], [1, 2, 2, 3]],
      [{steps, stop_on_failure: false}, ['--stop-on-failure'], [1, 1, 2, 2]],
    ] as const) {
      const {code, completed_steps: completed, failed_step: failed, results} = await report(work, words)
      assert.deepEqual([code, completed, failed, results.length], expected, JSON.stringify([work, words]))
    }

    const {stderr, stdout} = await run(steps)
    assert.match(stdout, /^3 steps: 1 succeeded, 1 failed, 1 not run, in /m)
    assert.match(stderr, /^Error: .*the mood is bad/m)
  })

  it('continues one conversation with pass_session_id where the backend is the same', async () => {
    const steps = ['one', moody('between'), 'two']
    const {results} = await report({steps, pass_session_id: true})
    assert.match(String(results[2]!.output), /This is turn 2 of our conversation/)
    assert.equal(results[2]!.session_id, results[0]!.session_id)
    assert.equal(runs.user.sessions().length, 2)
    const apart = each(await report({steps}), 'session_id')
    assert.notEqual(apart[2], apart[0])
    const {code, stderr} = await run({steps: [moody('one'), moody('two')], persist_sessions: true})
    assert.match(stderr, /Step 2 cannot run.*pass_session_id is refused: Moody cannot/)
    assert.equal(code, 10)
  })

  it('runs a step in the directory of the step before with pass_working_dir', async () => {
    const app = runs.user.directory('project/app')
    const steps = [{prompt: 'one', workdir: 'app'}, 'two']
    assert.deepEqual(each(await report({steps, pass_working_dir: true}), 'working_dir'), [app, app])
    assert.deepEqual(each(await report({steps}), 'working_dir'), [app, runs.user.project])
  })

  it('prints each answer under its heading, and the table; with --quiet the last answer alone', async () => {
    const {stdout} = await ends(run([{prompt: 'one', name: 'first'}, 'two']), {
      stdout:
        /^\[1\/2\] first \(echo\)\nYou said: one\n\n\[2\/2\] step-2 \(echo\)\nYou said: two\n\n# +BACKEND/,
    })
    assert.match(stdout, /^2 steps: 2 succeeded, in .*\nSessions: clinvk sessions list --run [0-9a-f]{8}\n$/m)
    const quiet = await run(['one', 'two {{previous}}'], ['-q'])
    assert.deepEqual([quiet.stdout, quiet.stderr], ['You said: two You said: one\n', ''])
  })

  it('shows with --dry-run what would be run, placeholders unfilled', async () => {
    const steps = ['one', 'two {{previous}}']
    assert.deepEqual(each(await report(steps, ['--dry-run']), 'stdin'), steps)
    await ends(run(steps, ['--dry-run']), {stdout: /^\[2\/2\] step-2 \(echo\)\nWould execute: .*previous/m})
    assert.deepEqual(runs.user.sessions(), [])
  })
})
