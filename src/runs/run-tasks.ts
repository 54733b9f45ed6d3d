import type {Interrupts} from 'clinvk-kit/turn/interrupts'
import {hurryOutput} from '../output/standard-streams.js'
import type {ReadyTask} from './check-tasks.js'
import type {OutputDirectory} from './output-dir.js'
import type {RunReport} from './result-json.js'
import type {RunView} from './run-view.js'
import type {Run} from './start-run.js'
import {exitCodeOf, type TaskResult} from './task-result.js'

export interface RunTasksOptions {
  readonly run: Run
  readonly view: RunView
  /** Takes the results, too. */
  readonly directory?: OutputDirectory | undefined
  /** The report as it is written there. */
  readonly json: (report: RunReport) => object
  /** Runs the tasks; each that has ended is given to `onEnd`, and kept as that gives it back. */
  readonly work: (
    interrupts: Interrupts,
    onEnd: (done: TaskResult) => Promise<TaskResult>,
  ) => Promise<TaskResult[]>
}

/** Runs tasks in sight of the user; gives the exit code of the run. */
export async function runTasks(
  ready: readonly Pick<ReadyTask, 'task'>[],
  {directory, json, run, view, work}: RunTasksOptions,
): Promise<number> {
  const interrupts = run.io.interrupts()
  interrupts.hurry.addEventListener('abort', hurryOutput)
  const startedAt = new Date()
  try {
    await view.begin({id: run.id, tasks: ready.map(({task}) => task)})
    for (const note of run.takeNotes()) view.notice(note)
    const results = await work(interrupts, async (done) => {
      directory?.task(done)
      await view.finished(done)
      // A long answer that nobody needs any more takes no memory.
      return view.keepsContent ? done : {...done, result: {...done.result, content: ''}}
    })
    const report = {id: run.id, results, startedAt, endedAt: new Date()}
    directory?.summary(json(report))
    await view.end(report)
    return exitCodeOf(results, interrupts.stop.aborted) || (directory?.isIncomplete ? 1 : 0)
  } finally {
    view.close()
  }
}
