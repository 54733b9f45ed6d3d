import assert from 'node:assert/strict'
import {withRuns} from '../support/runs.js'
import {ends, jsonLines} from '../support/sandbox.js'
import {scenes} from '../support/scenes.js'

describe('clinvk parallel', () => {
  const {report, run, user} = withRuns('parallel')
  const fails = {prompt: 'fail', backend: 'moody'}

  scenes(user, 'parallel')

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
})
