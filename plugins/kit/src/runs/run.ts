import {resolve} from 'node:path'
import {exitCode, type Failure} from '../errors/failure.js'
import type {Interrupts} from '../io.js'
import type {Surroundings} from '../turn/surroundings.js'
import {overCap, type RunCaps, uncounted} from './caps.js'
import {resultFiles} from './output-dir.js'
import type {ReadyTask} from './prepare-tasks.js'
import {exitCodeOf, haveSucceeded, type RunReport, type RunView, type TaskResult} from './result.js'
import {type EarlierTry, runTask} from './run-task.js'
import {runAll, type Schedule} from './schedule.js'
import type {EndedState} from './store/run-log.js'
import type {Task} from './task.js'
import type {TaskTrees} from './worktrees.js'

export interface Run {
  /** 32 hexadecimal digits. */
  readonly id: string
  readonly context: Surroundings
  readonly interrupts: Interrupts
  /** What the view is told once the run has begun. */
  readonly notes?: readonly string[]
}

export interface RunEnd {
  readonly report: RunReport
  readonly exitCode: number
}

/** Keeps what happens in a run. */
export interface RunKeeper {
  /** How a task has ended in an earlier try. */
  past(task: Task): TaskResult | undefined
  earlier(task: Task): EarlierTry | undefined
  started(task: Task, backend: string): Promise<void>
  ended(done: TaskResult): Promise<void>
  close(state: EndedState, exitCode: number): Promise<void>
  /** Is told when a task begins to wait for a limit of its agent, and when it continues. */
  onWaiting?: (isWaiting: boolean) => void
}

export interface RunTasksOptions {
  readonly view: RunView
  /** The report as it is written to `outputDir`. */
  readonly json: (report: RunReport) => object
  readonly schedule: Schedule
  /** A directory that takes the results, too. */
  readonly outputDir?: string
  /** Results of tasks that could not even be prepared. */
  readonly unprepared?: readonly TaskResult[]
  /** What all tasks together may use; then no further one is started. */
  readonly caps?: RunCaps
  readonly keeper?: RunKeeper
  readonly trees?: TaskTrees
}

/** Runs tasks and shows them to the user. */
export async function runTasks(
  {context: {io}, id, interrupts, notes = []}: Run,
  ready: readonly ReadyTask[],
  {caps = {}, json, keeper, outputDir, schedule, trees, unprepared = [], view}: RunTasksOptions,
): Promise<RunEnd> {
  const files = outputDir ? resultFiles(resolve(io.cwd, outputDir), view.notice.bind(view)) : undefined
  const startedAt = io.now()
  const used: TaskResult[] = []
  const told = new Set<string | undefined>()
  const past = (task: Task) => keeper?.past(task)
  const onEnd = async (done: TaskResult) => {
    used.push(done)
    const unknown = uncounted(done, caps)
    if (unknown !== undefined && !told.has(unknown)) view.notice(unknown)
    told.add(unknown)
    if (done.isSkipped && schedule.leavesOutSkipped) return done
    await keeper?.ended(done)
    files?.task(done)
    await view.finished?.(done)
    // A long answer that is not needed any more takes no memory.
    return view.keepsContent || done.task.isNeeded ? done : {...done, result: {...done.result, content: ''}}
  }
  let over: Failure | undefined
  try {
    const tasks = [...ready, ...unprepared].map(({task}) => task).sort((a, b) => a.number - b.number)
    const ended = tasks.flatMap((task) => past(task) ?? [])
    used.push(...ended)
    await view.begin?.({id, tasks, past: ended})
    for (const note of notes) view.notice(note)
    const results = [
      ...(await Promise.all(unprepared.map(onEnd))),
      ...(await runAll(ready, schedule, interrupts, {
        past,
        onEnd,
        onWaiting(tell) {
          if (keeper) keeper.onWaiting = tell
        },
        isOver: () => (over ??= overCap(used, caps, id)),
        async run(item, results, listening) {
          const earlier = keeper?.earlier(item.task)
          await keeper?.started(item.task, item.prepared.entry.name)
          return runTask(item, results, listening, {earlier, trees})
        },
      })),
    ]
      .filter(({isSkipped}) => !isSkipped || !schedule.leavesOutSkipped)
      .sort((a, b) => a.task.number - b.task.number)
    const report = {id, results, startedAt, endedAt: io.now()}
    files?.summary(json(report))
    await view.end(report)
    const {stop} = interrupts
    const code = over ? exitCode('limit') : exitCodeOf(results, stop) || (files?.isIncomplete ? 1 : 0)
    await keeper?.close(stateOf(results, stop.aborted, over !== undefined), code)
    return {report, exitCode: code}
  } finally {
    view.close?.()
  }
}

function stateOf(results: readonly TaskResult[], isInterrupted: boolean, isOver: boolean): EndedState {
  if (isOver) return 'paused'
  const has = (outcome: string) => results.some(({result}) => result.outcome === outcome)
  if (isInterrupted && has('cancelled')) return 'cancelled'
  return haveSucceeded(results) ? 'done' : 'failed'
}
