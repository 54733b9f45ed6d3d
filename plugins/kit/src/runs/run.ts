import {resolve} from 'node:path'
import type {Config} from '@oclif/core'
import {exitCode, type Failure} from '../errors/failure.js'
import type {Interrupts, IO} from '../io.js'
import {failureResult} from '../turn/result.js'
import {overCap, type RunCaps, uncounted} from './caps.js'
import {resultFiles} from './output-dir.js'
import type {ReadyTask} from './prepare-tasks.js'
import type {RunPlan} from './plan-run.js'
import type {RunView, TaskResult} from './result.js'
import {runTask} from './run-task.js'
import {notStarted, runAll} from './schedule.js'
import type {EndedState, RunLog} from './store/run-log.js'
import type {TaskTrees} from './worktrees.js'

export interface Run extends Pick<RunPlan, 'asked' | 'outputDir' | 'schedule'> {
  readonly id: string
  readonly io: IO
  readonly view: RunView
  readonly ready: readonly ReadyTask[]
  readonly unprepared?: readonly TaskResult[]
  readonly caps?: RunCaps
  /** Absent: the run cannot be resumed. */
  readonly kept?: {readonly config: Config; readonly log: RunLog; readonly keepsAnswers: boolean}
  readonly trees?: TaskTrees
}

/** Runs tasks and shows them to the user; returns the exit code. */
export async function runTasks(run: Run, interrupts: Interrupts): Promise<number> {
  const {asked, caps = {}, id, io, kept, outputDir, ready, schedule, unprepared = [], view} = run
  const files = outputDir ? resultFiles(resolve(io.cwd, outputDir), view.notice.bind(view)) : undefined
  const startedAt = io.now()
  const past = ready.flatMap((task) => task.past ?? [])
  const used = [...past]
  const told = new Set<string | undefined>()
  const onEnd = async (done: TaskResult) => {
    used.push(done)
    const unknown = uncounted(done, caps)
    if (unknown !== undefined && !told.has(unknown)) view.notice(unknown)
    told.add(unknown)
    if (done.isSkipped && schedule.leavesOutSkipped) return done
    files?.task(done)
    await view.finished?.(done)
    // A long answer that is not needed any more takes no memory.
    const isNeeded = view.keepsContent || files || done.task.isNeeded
    return isNeeded ? done : {...done, result: {...done.result, content: ''}}
  }
  let over: Failure | undefined
  const tasks = [...ready, ...unprepared].map(({task}) => task).sort((a, b) => a.number - b.number)
  await view.begin?.({id, tasks, past})
  const failed = await Promise.all(unprepared.map(onEnd))
  const ended = await runAll(
    ready,
    schedule,
    interrupts,
    async (item, results, listening, onWaiting) => {
      over ??= overCap(used, caps, id)
      return over ? notStarted(item, failureResult(over)) : runTask(item, results, run, listening, onWaiting)
    },
    onEnd,
  )
  const results = [...failed, ...ended]
    .filter(({isSkipped}) => !isSkipped || !schedule.leavesOutSkipped)
    .sort((a, b) => a.task.number - b.task.number)
  const report = {id, asked, total: tasks.length, results, startedAt, endedAt: io.now()}
  files?.summary(report)
  await view.end(report)
  const end = over ? {state: 'paused' as const, code: exitCode('limit')} : endOf(results, interrupts.stop)
  const code = end.code || (files?.isIncomplete ? 1 : 0)
  await kept?.log.add({type: 'ended', state: end.state, exit_code: code})
  return code
}

/** Exit code 0: all that had to run have succeeded, 1: some have not, 128 + n: the user has ended the run by signal n. */
function endOf(
  results: readonly TaskResult[],
  {aborted, reason}: AbortSignal,
): {state: EndedState; code: number} {
  if (aborted && results.some(({result}) => result.outcome === 'cancelled'))
    return {state: 'cancelled', code: exitCode('cancelled', String(reason))}
  const isDone = results.every(({isSkipped, result}) => isSkipped || result.outcome === 'success')
  return isDone ? {state: 'done', code: 0} : {state: 'failed', code: 1}
}
