import assert from 'node:assert/strict'
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {UserOfAgents} from '../support/agent-user.js'
import {reportOf, type Report} from '../support/runs.js'
import {json, ROOT} from '../support/sandbox.js'

describe('128 tasks, sixteen at a time', () => {
  let user: UserOfAgents
  let few: Ended
  let many: Ended
  before(async () => {
    user = new UserOfAgents()
    few = await run(32)
    many = await run(128)
  })
  after(() => user.remove())

  /** Runs so many tasks of the echo backend to their end. */
  const run = async (count: number): Promise<Ended> => {
    const tasks = Array.from({length: count}, (_, index) => ({prompt: promptOf(index)}))
    const peak = join(user.home, 'peak')
    const words = ['parallel', '--json', '-b', 'echo', '--max-parallel', '16']
    const finished = await user.run(
      process.execPath,
      ['--require', join(ROOT, 'test/support/peak-memory.cjs'), join(ROOT, 'bin/run.js'), ...words],
      {stdin: JSON.stringify(tasks), env: {PEAK_MEMORY: peak}},
    ).finished
    assert.deepEqual([finished.code, finished.stderr], [0, ''])
    return {
      report: reportOf(finished),
      peakMiB: Number(readFileSync(peak, 'utf8')) / 1024,
      left: user.processes(),
    }
  }

  it('are all done, in their order, and leave no process', () => {
    const {left, report} = many
    assert.equal(report.completed, 128)
    assert.deepEqual(
      report.results.map(({output}) => output),
      Array.from({length: 128}, (_, index) => `You said: ${promptOf(index)}`),
    )
    assert.deepEqual(left, [])
  })

  it('are each a session of the run', async () => {
    const {results, run_id: run} = many.report
    const words = ['sessions', 'list', '--run', run, '--json', '--limit', '1000']
    const {sessions} = json(await user.clinvk(words)) as {sessions: {id: string; turn_count: number}[]}
    assert.deepEqual(sessions.map(({id}) => id).sort(), results.map(({session_id: id}) => id).sort())
    assert.deepEqual(new Set(sessions.map(({turn_count: turns}) => turns)), new Set([1]))
  })

  it('take no more memory than a quarter of them do', () => {
    // Besides a heap that is not full yet after the first ones.
    const grown = many.peakMiB - few.peakMiB
    assert.ok(grown < 30, `${few.peakMiB} MiB for 32 tasks, ${many.peakMiB} MiB for 128`)
    assert.ok(few.peakMiB > 20, `${few.peakMiB} MiB is no measurement`)
  })
})

interface Ended {
  readonly report: Report
  /** The most memory that clinvk itself took. */
  readonly peakMiB: number
  readonly left: readonly number[]
}

function promptOf(index: number): string {
  return `prompt ${index + 1}`
}
