import assert from 'node:assert/strict'
import {readdirSync, readFileSync, statSync} from 'node:fs'
import {join} from 'node:path'
import {type Report, reportOf, withRuns} from '../support/runs.js'
import {each, ends, json, jsonLines} from '../support/sandbox.js'
import {scenes} from '../support/scenes.js'

describe('clinvk parallel', () => {
  const {report, run, user} = withRuns('parallel')
  const fails = {prompt: 'fail', backend: 'moody'}

  scenes(user, 'parallel')

  it('gives the results in the order of the tasks, whichever ends first', async () => {
    const {
      code,
      completed,
      failed,
      results,
      total_tasks: total,
    } = await report([
      {prompt: 'slow words one by one', extra: ['--delay=150'], id: 'a'},
      {prompt: 'quick', name: 'second', tags: ['x'], meta: {pr: 7}},
      fails,
    ])
    assert.deepEqual({code, total, completed, failed}, {code: 1, total: 3, completed: 2, failed: 1})
    assert.deepEqual(each(results, 'index', 'output'), [
      [0, 'You said: slow words one by one'],
      [1, 'You said: quick'],
      [2, 'fail'],
    ])
    const [first, second, third] = results
    assert.equal(first!.task_id, 'a')
    assert.deepEqual([second!.task_name, second!.tags, second!.meta], ['second', ['x'], {pr: '7'}])
    assert.deepEqual([third!.backend, third!.exit_code, third!.error_kind], ['moody', 1, 'agent'])
    assert.match(String(third!.error), /the mood is bad/)
    assert.ok(Number(first!.duration_seconds) > Number(second!.duration_seconds))
  })

  it('reads a list alone, YAML, a file by --file or --input, and standard input by -', async () => {
    const file = user.write('work.yaml', '- prompt: one\n- prompt: two\n')
    for (const words of [['--file', file], ['-f', file], ['--input', file], ['-f', '-'], []]) {
      const stdin = words.length === 0 || words[1] === '-' ? readFileSync(file) : ''
      const done = reportOf(await run('', [...words, '--json'], {stdin}))
      assert.deepEqual(each(done, 'output'), ['You said: one', 'You said: two'], words.join(' '))
    }
  })

  it('makes each task a session that can be listed by its run and resumed', async () => {
    const tasks = [{prompt: 'one', name: 'first', meta: {pr: 7}}, {prompt: 'two'}]
    const {results, run_id: id} = await report(tasks, ['--tag', 'all'])
    await user.clinvk(['another'])
    const listed = json(await user.clinvk(['sessions', 'list', '--run', id.slice(0, 8), '--json']))
    assert.equal(listed.total, 2)
    const first = (listed.sessions as Record<string, unknown>[]).find(
      (session) => session.id === results[0]!.session_id,
    )!
    assert.deepEqual(
      [first.title, first.tags, first.metadata, first.run],
      ['one', ['all'], {pr: '7'}, {id, task: 1}],
    )
    await ends(user.clinvk(['sessions', 'show', String(first.id)]), {stdout: /^Run: +[0-9a-f]{32}, task 1$/m})
    await ends(user.clinvk(['resume', String(results[1]!.session_id), 'go on']), {stdout: /This is turn 2/})
  })

  it('runs no more at once than the flag, else the file, else the settings say', async () => {
    const tasks = Array.from({length: 3}, (_, index) => ({prompt: `${index} b c`, extra: ['--delay=60']}))
    const most = async (work: object, words: string[] = []) => {
      const {results} = await report(work, words)
      const times = results.map(({end_time: end, start_time: start}) => [String(start), String(end)] as const)
      return Math.max(...times.map(([at]) => times.filter(([start, end]) => start <= at && at < end).length))
    }

    assert.equal(await most({tasks, max_parallel: 3}, ['--max-parallel', '2']), 2)
    user.write('.clinvk/config.yaml', 'parallel: {max_workers: 1}\n')
    assert.equal(await most({tasks, max_parallel: 3}), 3)
    assert.equal(await most({tasks}), 1)
  })

  it('prints, piped, the answers line by line with the name of the task, then the table', async () => {
    const {code, stderr, stdout} = await run([{prompt: 'one\ntwo', name: 'first'}, fails])
    assert.equal(code, 1)
    assert.match(stdout, /^\[first\] You said: one\n(\[task-2\] .*\n)?\[first\] two\n/m)
    assert.match(stdout, /^\[task-2\] fail$/m)
    assert.match(stdout, /^# +BACKEND +OUTCOME +TIME +TOKENS +SESSION +TASK$/m)
    assert.match(stdout, /^1 +echo +success +\d\.\ds +\d+ +[0-9a-f]{8} +first$/m)
    assert.match(stdout, /^2 +moody +failed +\d\.\ds +- +[0-9a-f]{8} +fail\n {3}Error: .*the mood is bad$/m)
    assert.match(stdout, /^2 tasks: 1 succeeded, 1 failed, in \d/m)
    const [, retry = ''] = /^Run again what has failed: clinvk (runs retry \w{8})$/m.exec(stdout) ?? []
    await ends(user.clinvk(retry.split(' ')), {code: 1, stderr: /^\[task-2\] failed in/m})
    assert.match(stderr, /^\[first\] echo started$/m)
    assert.match(stderr, /^\[task-2\] failed in .*the mood is bad/m)
  })

  it('prints with -o stream-json the events of each task with its name, then the report', async () => {
    const tasks = [{prompt: 'one', name: 'first', output_format: 'json'}, 'two']
    const lines = jsonLines(await run(tasks, ['-o', 'stream-json']))
    assert.deepEqual([lines[0]!.type, lines[0]!.version, lines.at(-1)!.type], ['run', 1, 'run_done'])
    assert.deepEqual([lines[1]!.type, lines[1]!.task], ['notice', undefined], 'about the whole run')
    for (const {task, task_id: id} of lines.slice(2, -1)) assert.equal(id, task === 1 ? 'first' : 'task-2')
    const text = lines.filter(({task, type}) => type === 'text' && task === 2).map((line) => line.text)
    assert.equal(text.join(''), 'You said: two')
    assert.deepEqual(lines.flatMap(({task, type}) => (type === 'done' ? [task] : [])).sort(), [1, 2])
    assert.equal(lines.at(-1)!.completed, 2)
  })

  it('prints with -o stream-json what it told of a run that is refused, then the error', async () => {
    user.write('project/.clinvk.yaml', 'session: {auto_resume: true}')
    const tasks = [{prompt: 'one', output_format: 'json'}, 'two']
    const taken = user.write('project/file', '')
    const refused = async (work: unknown, words: string[] = []) =>
      jsonLines(await run(work, ['-o', 'stream-json', ...words]))
    const lines = await refused(tasks, ['--output-dir', taken])
    assert.deepEqual(
      lines.map(({outcome, type, version}) => [type, version, outcome]),
      [
        ['notice', 1, undefined],
        ['notice', undefined, undefined],
        ['done', 1, 'failed'],
      ],
    )
    assert.match(String(lines[0]!.message), /auto_resume is ignored/)
    assert.match(String(lines[1]!.message), /^output_format of a task has no effect/)
    assert.deepEqual(
      (await refused({tasks: []})).map(({type}) => type),
      ['notice', 'done'],
    )
  })

  it('writes each result to --output-dir, readable by the user alone, and says when it cannot', async () => {
    const tasks = [{prompt: 'one', name: 'a/b ü'}, 'two']
    await run({tasks, output_dir: 'out'})
    const out = join(user.project, 'out')
    const read = (name: string) => JSON.parse(readFileSync(join(out, name), 'utf8')) as unknown
    assert.deepEqual(readdirSync(out).sort(), ['001_a_b.json', '002_task-2.json', 'summary.json'])
    const {result, task} = read('001_a_b.json') as Record<string, Record<string, unknown>>
    assert.deepEqual([task!.prompt, result!.output], ['one', 'You said: one'])
    const summary = read('summary.json') as Report
    assert.deepEqual([summary.total_tasks, summary.results[1]!.output], [2, 'You said: two'])
    assert.equal(statSync(out).mode & 0o777, 0o700)
    assert.equal(statSync(join(out, 'summary.json')).mode & 0o777, 0o600)

    const {code, stderr} = await run(tasks, ['--output-dir', user.write('project/file', '')])
    assert.match(stderr, /The results cannot be written to/)
    assert.equal(code, 1)
    user.directory('project/out2/summary.json')
    assert.equal((await run(tasks, ['--output-dir', 'out2'])).code, 1)
  })
})
