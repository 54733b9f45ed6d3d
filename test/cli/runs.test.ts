import assert from 'node:assert/strict'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import {join} from 'node:path'
import {linkKeeperAgent, stop} from '../support/keeper-agent.js'
import {linkBackendPlugin} from '../support/link-plugin.js'
import {type Report, reportOf, withRuns} from '../support/runs.js'
import {each, ends, json, type Sandbox} from '../support/sandbox.js'

describe('clinvk runs', () => {
  const runs = withRuns('parallel')
  const {report, run} = runs
  const fails = {prompt: 'fail', backend: 'moody'}
  const clinvk = (...words: string[]) => runs.user.clinvk(words)
  const folder = () => join(runs.user.home, '.clinvk/runs')
  const logOf = (id: string) => join(folder(), id, 'log.jsonl')

  it('starts a task when what it needs has succeeded, and fills in answers, sessions and fields of JSON', async () => {
    const {code, results} = await report([
      {
        prompt: 'see {{tasks.a.output}} of {{steps.a.session}}, {{steps.json.json.deep.0.key}}',
        needs: ['a', 'json'],
      },
      {prompt: 'one', name: 'a'},
      {prompt: '{"deep": [{"key": "gold"}]}', id: 'json', needs: 2, backend: 'moody'},
    ])
    assert.equal(code, 0, JSON.stringify(results))
    assert.equal(results[0]!.output, `You said: see You said: one of ${String(results[1]!.session_id)}, gold`)
    assert.ok(String(results[0]!.start_time) >= String(results[2]!.end_time))
  })

  it('runs a task after a failure, or always, where that is what it waits for', async () => {
    const {code, results} = await report([
      {...fails, name: 'bad'},
      {prompt: 'good', name: 'good'},
      {prompt: 'mend', needs: 'bad', when: 'failure'},
      {prompt: 'tidy', needs: ['bad', 'good'], when: 'always'},
      {prompt: 'follow', needs: 'bad'},
      {prompt: 'mend', needs: 'good', when: 'failure'},
    ])
    assert.equal(code, 1)
    const said = results.map(({outcome, skipped}) => (skipped ? 'skipped' : outcome))
    assert.deepEqual(said, ['failed', 'success', 'success', 'success', 'skipped', 'skipped'])
    assert.equal(results[4]!.error, 'Not run, because Task 1 (bad) did not succeed.')
    assert.equal(
      (
        await report([
          {prompt: 'a', name: 'a'},
          {prompt: 'b', needs: 'a', when: 'failure'},
        ])
      ).code,
      0,
    )
  })

  it('leaves other braces in tasks as they are, which were text before', async () => {
    assert.deepEqual(each(await report(['{{x}} {{previous}} {{{{a', '{{{{tasks.a.output}}']), 'output'), [
      'You said: {{x}} {{previous}} {{{{a',
      'You said: {{tasks.a.output}}',
    ])
  })

  it('takes prompts as arguments', async () => {
    const {results} = json(await clinvk('parallel', 'one', 'two', '--json')) as {results: {output: string}[]}
    assert.deepEqual(each(results, 'output'), ['You said: one', 'You said: two'])
    await ends(clinvk('parallel', 'one', '--file', 'x.yaml'), {code: 1, stderr: /given twice/})
  })

  it('lists runs, the newest first, with what became of their tasks', async () => {
    await ends(clinvk('runs'), {stdout: /No runs found/})
    const {run_id: first} = await report(['one', fails])
    const {run_id: second} = await report(['two'])
    const {runs: all, total} = json(await clinvk('runs', '--json')) as {
      runs: Record<string, unknown>[]
      total: number
    }
    assert.equal(total, 2)
    assert.deepEqual(each(all, 'id', 'state', 'tasks', 'total_tokens'), [
      [second, 'done', {total: 1, done: 1, failed: 0}, 4],
      [first, 'failed', {total: 2, done: 1, failed: 1}, 4],
    ])
    await ends(clinvk('runs', '--state', 'failed'), {
      stdout: RegExp(`^RUN.*\\n${first.slice(0, 8)} +failed +1/2, 1 failed`),
    })
    await ends(clinvk('runs', 'show', first.slice(0, 6)), {
      stdout: /^Run: +\w{32}\nState: +failed[^]*2 +moody +failed[^]*clinvk runs retry/,
    })
    await ends(clinvk('runs', 'show', '@last', '1'), {stdout: /^You said: two\n$/})
    await ends(clinvk('runs', 'logs', '@last'), {
      stdout: /task 1 {2}started \(echo\)\n[^]*session[^]*success in [^]*done, exit code 0\n$/,
    })
    await ends(clinvk('runs', 'wait', first), {code: 1, stdout: /^Run \w{8}: failed, 1 of 2 tasks done\n$/})
  })

  it('keeps no run of a dry run or of --ephemeral', async () => {
    await report(['one'], ['--dry-run'])
    await report(['one'], ['--ephemeral'])
    await ends(run(['one'], ['--ephemeral', '--detach']), {
      code: 1,
      stderr: /--detach needs a run that is kept/,
    })
    assert.equal(existsSync(folder()), false)
  })

  it('retries only what has failed, in its session, then what waited for it', async () => {
    linkTiredAgent(runs.user)
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

  it('stops starting tasks at a cap, exit 11, and runs the rest with a higher one', async () => {
    const tasks = ['one two', 'three', 'four']
    const {code, results, run_id: id} = await report({tasks, max_tokens: 5}, ['--max-parallel', '1'])
    assert.deepEqual([code, ...each(results, 'outcome')], [11, 'success', 'limit', 'limit'])
    assert.match(String(results[1]!.error), /Not run: the run has used \d+ tokens of 5\./)
    await ends(clinvk('runs', '--state', 'paused'), {stdout: RegExp(id.slice(0, 8))})
    const rest = json(await clinvk('runs', 'resume', id, '--max-tokens', '500', '--json')) as {
      results: object[]
    }
    assert.deepEqual(each(rest as Report, 'outcome'), ['success', 'success', 'success'])
    assert.equal(runs.user.sessions().length, 3)
  })

  it('lets others run while a task waits for a limit of its agent', async () => {
    linkKeeperAgent(runs.user, 'keeper', {capabilities: {ephemeral: true}})
    const tasks = [{prompt: 'one', backend: 'keeper', wait_for_reset: '1m'}, 'two']
    for (const words of [['--ephemeral'], []]) {
      stop(runs.user, 'keeper', {outcome: 'rate_limit', resetsInMs: 1500})
      const done = await report({tasks, max_parallel: 1}, words)
      assert.deepEqual(each(done, 'outcome'), ['success', 'success'])
      assert.ok(String(done.results[1]!.end_time) < String(done.results[0]!.end_time), words.join())
    }
    await ends(clinvk('runs', 'logs', '@last'), {
      stdout: /task 1 {2}waits for a limit until [^]*task 2 {2}started/,
    })
  })

  it('says of which agent a cap cannot count the cost', async () => {
    const {stderr} = await ends(run(['one', 'two'], ['--max-cost', '0.5']), {code: 0})
    assert.equal(stderr.split('The cost of echo is unknown').length, 2, stderr)
  })

  it('runs a chain again from the step that was not done, with the answers before it', async () => {
    const steps = ['one', 'two {{previous}}']
    const stdin = JSON.stringify({steps, max_tokens: 1})
    const {run_id: id} = json(await runs.user.clinvk(['chain', '--json'], {stdin})) as {run_id: string}
    const {results} = json(await clinvk('runs', 'resume', id, '--max-tokens', '99', '--json')) as {
      results: {output: string}[]
    }
    assert.deepEqual(each(results, 'output'), ['You said: one', 'You said: two You said: one'])
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

  it('runs on where nothing of it can be kept, and says so once', async () => {
    runs.user.write('.clinvk/runs', 'a file')
    await ends(run(['one', 'two'], ['--json']), {
      code: 0,
      stderr: /^Note: The log of this run cannot be written, so it cannot be resumed: ENOTDIR.*\n$/,
    })
    await ends(run(['one'], ['--detach']), {code: 4, stderr: /runs.* cannot be written/})
    await ends(clinvk('runs'), {code: 4, stderr: /runs cannot be read/})
  })

  it('deletes the logs of old runs, and no session', async () => {
    const {run_id: id} = await report(['one'])
    await ends(clinvk('runs', 'clean', '--older-than', '1d'), {stdout: /Deleted 0 runs/})
    const log = readFileSync(logOf(id), 'utf8').replaceAll(/"at":"\d{4}/g, '"at":"2020')
    writeFileSync(logOf(id), log)
    await ends(clinvk('runs', 'clean', '--older-than', '30d', '--dry-run'), {stdout: RegExp(id.slice(0, 8))})
    await ends(clinvk('runs', 'clean', '--older-than', '30d'), {stdout: /Deleted 1 run\./})
    assert.deepEqual([readdirSync(folder()), runs.user.sessions().length], [[], 1])
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
