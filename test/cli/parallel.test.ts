import assert from 'node:assert/strict'
import {readdirSync, readFileSync, statSync} from 'node:fs'
import {join} from 'node:path'
import {linkMoodyAgent} from '../support/moody-agent.js'
import {CliUser} from '../support/cli-user.js'
import {json, jsonLines, type Finished, type RunOptions} from '../support/sandbox.js'

interface Report {
  run_id: string
  total_tasks: number
  completed: number
  failed: number
  cancelled: number
  results: Record<string, unknown>[]
}

/** Many prompts at once, with agents that need no account. */
describe('clinvk parallel', () => {
  let user: CliUser
  beforeEach(() => {
    user = new CliUser({CLINVK_BACKEND: 'echo'})
    linkMoodyAgent(user)
  })
  afterEach(() => user.remove())

  const parallel = (work: object | string, words: readonly string[] = [], options: RunOptions = {}) =>
    user.clinvk(['parallel', ...words], {
      stdin: typeof work === 'string' ? work : JSON.stringify(work),
      ...options,
    })
  const report = (finished: Finished) => json(finished) as unknown as Report
  const outcomes = ({results}: Report) => results.map(({outcome}) => outcome)

  it('gives the results in the order of the tasks, whichever ends first', async () => {
    const tasks = [
      {prompt: 'slow words one by one', extra: ['--delay=150'], id: 'a'},
      {prompt: 'quick', name: 'second', tags: ['x'], meta: {pr: 7}},
      {prompt: 'fail me', backend: 'moody'},
    ]
    const finished = await parallel({tasks}, ['--json'])
    const {completed, failed, results, total_tasks: total} = report(finished)
    assert.deepEqual(
      {code: finished.code, total, completed, failed},
      {code: 1, total: 3, completed: 2, failed: 1},
    )
    assert.deepEqual(
      results.map(({index, output}) => [index, output]),
      [
        [0, 'You said: slow words one by one'],
        [1, 'You said: quick'],
        [2, 'fail me'],
      ],
    )
    const [first, second, third] = results
    assert.equal(first!.task_id, 'a')
    assert.deepEqual([second!.task_name, second!.tags, second!.meta], ['second', ['x'], {pr: '7'}])
    assert.deepEqual([third!.backend, third!.exit_code, third!.error_kind], ['moody', 1, 'agent'])
    assert.match(String(third!.error), /the mood is bad/)
    assert.ok(Number(first!.duration_seconds) > Number(second!.duration_seconds))
  })

  it('takes a list alone, YAML, a file by --file or --input, and standard input by -', async () => {
    const file = user.write('work.yaml', '- prompt: one\n- prompt: two\n')
    for (const words of [['--file', file], ['-f', file], ['--input', file], ['-f', '-'], []]) {
      const stdin = words.length === 0 || words[1] === '-' ? readFileSync(file) : ''
      const finished = await user.clinvk(['parallel', ...words, '--json'], {stdin})
      assert.deepEqual(
        report(finished).results.map(({output}) => output),
        ['You said: one', 'You said: two'],
        words.join(' '),
      )
    }
  })

  it('makes each task a session that can be listed by its run and resumed', async () => {
    const {results, run_id: run} = report(
      await parallel(
        [{prompt: 'one', name: 'first', meta: {pr: 7}}, {prompt: 'two'}],
        ['--json', '--tag', 'all'],
      ),
    )
    await user.clinvk(['another'])
    const listed = json(await user.clinvk(['sessions', 'list', '--run', run.slice(0, 8), '--json']))
    assert.equal(listed.total, 2)
    const sessions = new Map((listed.sessions as Record<string, unknown>[]).map((one) => [one.id, one]))
    const first = sessions.get(results[0]!.session_id)!
    assert.deepEqual(
      [first.title, first.tags, first.metadata, first.run],
      ['first', ['all'], {pr: '7'}, {id: run, task: 1}],
    )
    assert.match(
      (await user.clinvk(['sessions', 'show', String(first.id)])).stdout,
      /^Run: +[0-9a-f]{32}, task 1$/m,
    )
    const resumed = await user.clinvk(['resume', String(results[1]!.session_id), 'go on'])
    assert.match(resumed.stdout, /This is turn 2/)
  })

  it('keeps nothing with --ephemeral', async () => {
    const finished = await parallel([{prompt: 'one'}], ['--json', '--ephemeral'])
    assert.equal(report(finished).results[0]!.session_id, undefined)
    assert.deepEqual(user.sessions(), [])
  })

  it('never goes on with a session, whatever session.auto_resume says', async () => {
    user.write('.clinvk/config.yaml', 'session: {auto_resume: true}\n')
    await user.clinvk(['before'])
    const finished = await parallel([{prompt: 'one'}, {prompt: 'two'}], ['--json'])
    for (const {output} of report(finished).results) assert.doesNotMatch(String(output), /turn 2/)
    assert.equal(user.sessions().length, 3)
  })

  it('runs no more at once than the flag, else the file, else the settings say', async () => {
    const tasks = Array.from({length: 3}, (_, index) => ({prompt: `${index} b c`, extra: ['--delay=100']}))
    const most = async (work: object, words: string[]) => {
      const {results} = report(await parallel(work, [...words, '--json']))
      const times = results.map(({end_time: end, start_time: start}) => [String(start), String(end)] as const)
      return Math.max(...times.map(([at]) => times.filter(([start, end]) => start <= at && at < end).length))
    }

    assert.equal(await most({tasks, max_parallel: 3}, ['--max-parallel', '2']), 2)
    user.write('.clinvk/config.yaml', 'parallel: {max_workers: 1}\n')
    assert.equal(await most({tasks, max_parallel: 3}, []), 3)
    assert.equal(await most({tasks}, []), 1)
  })

  it('with --fail-fast ends the others and counts them as cancelled', async () => {
    const tasks = [
      {prompt: 'hang on', backend: 'moody'},
      {prompt: 'fail now', backend: 'moody', name: 'bad'},
      {prompt: 'never begun'},
    ]
    const finished = await parallel({tasks, max_parallel: 2}, ['--fail-fast', '--json'])
    const {cancelled, completed, failed, results} = report(finished)
    assert.deepEqual(
      {code: finished.code, completed, failed, cancelled},
      {code: 1, completed: 0, failed: 1, cancelled: 2},
    )
    assert.deepEqual(
      results.map(({error}) => error),
      [
        'Cancelled, because Task 2 (bad) failed.',
        results[1]!.error,
        'Cancelled, because Task 2 (bad) failed.',
      ],
    )
    assert.equal(results[2]!.start_time, undefined)
    assert.equal(user.sessions().length, 2, 'a task that never began leaves no session')
  })

  it('lets the others finish without it, also where the settings say so and --no-fail-fast does not', async () => {
    user.write('.clinvk/config.yaml', 'parallel: {fail_fast: true, max_workers: 1}\n')
    const tasks = [{prompt: 'fail', backend: 'moody'}, {prompt: 'one'}]
    assert.deepEqual(outcomes(report(await parallel(tasks, ['--json']))), ['failed', 'cancelled'])
    assert.deepEqual(outcomes(report(await parallel(tasks, ['--json', '--no-fail-fast']))), [
      'failed',
      'success',
    ])
  })

  it('ends a task at its own time limit, or at that of the flag or the file', async () => {
    const hang = {prompt: 'hang', backend: 'moody'}
    const tasks = [{...hang, timeout: '400ms'}, {...hang, timeout: 0.5}, hang]
    const finished = await parallel({tasks, timeout: '20m'}, ['--timeout', '600ms', '--json'])
    assert.deepEqual(
      report(finished).results.map(({exit_code: code, outcome}) => [code, outcome]),
      [
        [6, 'timeout'],
        [6, 'timeout'],
        [6, 'timeout'],
      ],
    )
    assert.equal(finished.code, 1)
  })

  it('runs nothing where one task cannot run, and says which and why', async () => {
    const tasks = [
      {prompt: 'one'},
      {prompt: 'two', backend: 'ecko', name: 'typo'},
      {prompt: 'x', backend: 'claude'},
    ]
    const {code, stderr, stdout} = await parallel(tasks, [], {env: {PATH: '/nowhere'}})
    assert.match(
      stderr,
      /^Error: Task 2 \(typo\) cannot run, so nothing was started: Unknown backend "ecko"\. Available: .*\.$/m,
    )
    assert.match(stderr, /^ {2}Task 3 cannot run either: Claude Code is not installed/m)
    assert.deepEqual({code, stdout}, {code: 2, stdout: ''})
    assert.deepEqual(user.sessions(), [])
  })

  it('refuses a task whose backend cannot do what it asks', async () => {
    for (const task of [{max_turns: 3}, {max_tokens: 5}, {sandbox_mode: 'read-only'}]) {
      const {code, stderr} = await parallel([{prompt: 'x', ...task}])
      assert.match(stderr, /^Error: Task 1 cannot run.* is refused: /, JSON.stringify(task))
      assert.equal(code, 10)
    }
  })

  it('gives tasks the flags of a turn where they say nothing themselves', async () => {
    const app = user.directory('app')
    const other = user.directory('app/other')
    const words = ['--json', '-w', app, '--system-prompt', 'be kind', '--dry-run']
    const {results} = report(
      await parallel([{prompt: 'x'}, {prompt: 'y', workdir: 'other', system_prompt: 'be quick'}], words),
    )
    assert.deepEqual(
      results.map(({working_dir: directory}) => directory),
      [app, other],
    )
    assert.ok((results[0]!.command as string[]).includes('--system=be kind'))
    assert.ok((results[1]!.command as string[]).includes('--system=be quick'))
  })

  it('prints, piped, the answers line by line with the name of the task, then the table', async () => {
    const {code, stderr, stdout} = await parallel([
      {prompt: 'one\ntwo', name: 'first'},
      {prompt: 'fail', backend: 'moody'},
    ])
    assert.equal(code, 1)
    assert.match(stdout, /^\[first\] You said: one\n(\[task-2\] .*\n)?\[first\] two\n/m)
    assert.match(stdout, /^\[task-2\] fail$/m)
    assert.match(stdout, /^# +BACKEND +OUTCOME +TIME +TOKENS +SESSION +TASK$/m)
    assert.match(stdout, /^1 +echo +success +\d\.\ds +\d+ +[0-9a-f]{8} +first$/m)
    assert.match(stdout, /^2 +moody +failed +\d\.\ds +- +[0-9a-f]{8} +fail\n {3}Error: .*the mood is bad$/m)
    assert.match(stdout, /^2 tasks: 1 succeeded, 1 failed, in \d/m)
    assert.match(stderr, /^\[first\] echo started$/m)
    assert.match(stderr, /^\[task-2\] failed in .*the mood is bad/m)
  })

  it('prints with --quiet the table and what goes wrong, and without a table where the settings want none', async () => {
    const tasks = [{prompt: 'one'}, {prompt: 'fail', backend: 'moody', name: 'bad'}]
    const quiet = await parallel(tasks, ['--quiet'])
    assert.match(quiet.stdout, /^# +BACKEND/)
    assert.match(quiet.stderr, /^\[bad\] failed in [^\n]*\n$/)
    user.write('.clinvk/config.yaml', 'parallel: {aggregate_output: false}\n')
    assert.equal((await parallel([{prompt: 'one'}])).stdout, '[task-1] You said: one\n')
  })

  it('prints with -o stream-json the events of each task with its name, and the report as the last line', async () => {
    const finished = await parallel([{prompt: 'one', name: 'first'}, {prompt: 'two'}], ['-o', 'stream-json'])
    const lines = jsonLines(finished)
    assert.deepEqual([lines[0]!.type, lines[0]!.version, lines.at(-1)!.type], ['run', 1, 'run_done'])
    for (const line of lines.slice(1, -1))
      assert.ok(line.task === 1 ? line.task_id === 'first' : line.task_id === 'task-2')
    const text = lines.filter(({task, type}) => type === 'text' && task === 2).map((line) => line.text)
    assert.equal(text.join(''), 'You said: two')
    assert.deepEqual(lines.flatMap(({task, type}) => (type === 'done' ? [task] : [])).sort(), [1, 2])
    assert.equal((lines.at(-1) as unknown as Report).completed, 2)
  })

  it('writes each result to --output-dir, readable by the user alone, and says when it cannot', async () => {
    const tasks = [{prompt: 'one', name: 'a/b ü'}, {prompt: 'two'}]
    await parallel({tasks, output_dir: 'out'})
    const out = join(user.project, 'out')
    assert.deepEqual(readdirSync(out).sort(), ['001_a_b.json', '002_task-2.json', 'summary.json'])
    const written = JSON.parse(readFileSync(join(out, '001_a_b.json'), 'utf8')) as Record<
      string,
      Record<string, unknown>
    >
    assert.deepEqual([written.task!.prompt, written.result!.output], ['one', 'You said: one'])
    const summary = JSON.parse(readFileSync(join(out, 'summary.json'), 'utf8')) as Report
    assert.deepEqual([summary.total_tasks, summary.results[1]!.output], [2, 'You said: two'])
    assert.equal(statSync(out).mode & 0o777, 0o700)
    assert.equal(statSync(join(out, 'summary.json')).mode & 0o777, 0o600)

    const file = user.write('project/file', '')
    const {code, stderr} = await parallel(tasks, ['--output-dir', file])
    assert.match(stderr, /The results cannot be written to/)
    assert.equal(code, 1)
    user.directory('project/out2/summary.json')
    assert.equal((await parallel(tasks, ['--output-dir', 'out2'])).code, 1)
  })

  it('says with --dry-run what would be run, as one JSON object with --json', async () => {
    const tasks = [{prompt: 'one', name: 'first'}, {prompt: 'two'}]
    const text = await parallel(tasks, ['--dry-run'])
    assert.match(text.stdout, /^\[first\] Would execute: printf %s one \| .*echo\.js/m)
    const finished = await parallel(tasks, ['--dry-run', '--json'])
    const [first] = report(finished).results
    assert.deepEqual([finished.code, first!.dry_run, first!.stdin], [0, true, 'one'])
    assert.ok((first!.command as string[]).some((word) => word.endsWith('echo.js')))
    assert.deepEqual(user.sessions(), [])
  })
})
