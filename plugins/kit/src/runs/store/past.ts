import {messageOf} from '../../errors/failure.js'
import type {Env} from '../../io.js'
import {type KeptRun, listRuns, type RunDescription} from './run-folder.js'
import type {EndedState, RunEvent} from './run-log.js'
import type {TaskTree} from './task-tree.js'

type Done = Extract<RunEvent, {type: 'done'}>

/** What the log says of a task. */
export interface PastTask {
  /** When it was started last; absent where it never was. */
  readonly startedAt?: string
  readonly session?: string
  /** How it ended; absent where it is not done. */
  readonly done?: Done
  readonly worktree?: TaskTree
  /** The user wants it to run again, although it had ended. */
  readonly isRetried: boolean
}

/** What the log says of each task that was started, by its number. */
export function pastTasks(events: readonly RunEvent[]): Map<number, PastTask> {
  const tasks = new Map<number, PastTask>()
  for (const event of events) {
    if (!('task' in event)) continue
    const before = tasks.get(event.task) ?? {isRetried: false}
    const session = event.type === 'done' ? event.result.session_id : undefined
    tasks.set(event.task, {
      startedAt: event.type === 'started' ? event.at : before.startedAt,
      session: event.type === 'session' ? event.session_id : (session ?? before.session),
      done: event.type === 'done' ? event : event.type === 'retry' ? undefined : before.done,
      worktree: event.type === 'worktree' ? event.worktree : before.worktree,
      isRetried: event.type === 'retry' || (before.isRetried && event.type !== 'done'),
    })
  }
  return tasks
}

/** `interrupted`: its process was killed. */
type RunState = EndedState | 'running' | 'interrupted'

/** A run in short, as `clinvk runs --json` has it. */
export interface RunSummary {
  readonly id: string
  readonly command: RunDescription['command']
  readonly state: RunState
  /** ISO 8601. */
  readonly started_at: string
  /** When something happened last. */
  readonly updated_at: string
  readonly working_dir: string
  /** `done` have succeeded, `failed` have not; the others have not ended. */
  readonly tasks: {readonly total: number; readonly done: number; readonly failed: number}
  /** Absent where no task has reported any. */
  readonly total_tokens?: number
}

/** Throws a Failure where the log cannot be read. */
export function summaryOf({description, folder}: KeptRun): RunSummary {
  const {command, file, id, place, started_at} = description
  const isRunning = folder.holder() !== undefined
  const events = folder.events()
  const done = [...pastTasks(events).values()].flatMap((task) => task.done ?? [])
  const succeeded = done.filter(({result}) => result.outcome === 'success').length
  const tokens = done.flatMap(({result}) => result.usage?.total_tokens ?? [])
  return {
    id,
    command,
    state: isRunning ? 'running' : stateOf(events),
    started_at,
    updated_at: events.at(-1)?.at ?? started_at,
    working_dir: place,
    tasks: {total: descriptionsIn(file).length, done: succeeded, failed: done.length - succeeded},
    total_tokens: tokens.length === 0 ? undefined : tokens.reduce((sum, count) => sum + count, 0),
  }
}

/** Every run in short, the newest first; `problems` has a sentence for each that cannot be read. */
export function summaries(env: Env): {runs: (KeptRun & {summary: RunSummary})[]; problems: string[]} {
  const {problems, runs} = listRuns(env)
  const readable = runs.flatMap((run) => {
    try {
      return [{...run, summary: summaryOf(run)}]
    } catch (error) {
      problems.push(messageOf(error))
      return []
    }
  })
  return {runs: readable, problems}
}

/** Of a run that no process has. */
function stateOf(events: readonly RunEvent[]): RunState {
  const last = events.findLast(({type}) => type === 'ended' || type === 'run')
  return last?.type === 'ended' ? last.state : 'interrupted'
}

/** The tasks of a run file as it is written, a list or an object with one. */
export function descriptionsIn(file: unknown): unknown[] {
  if (Array.isArray(file)) return file
  const {steps, tasks = steps} = (file ?? {}) as {steps?: unknown; tasks?: unknown}
  return Array.isArray(tasks) ? tasks : []
}
