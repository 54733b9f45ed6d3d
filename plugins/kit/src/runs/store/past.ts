import type {RunEvent} from './run-log.js'
import type {TaskTree} from './task-tree.js'

export interface PastTask {
  /** When it was started last, and with which backend; absent where it never was. */
  readonly startedAt?: string
  readonly backend?: string
  readonly session?: string
  /** How it ended; absent where it is not done. */
  readonly done?: Extract<RunEvent, {type: 'done'}>
  readonly worktree?: TaskTree
  /** The user wants it to run again, although it had ended. */
  readonly isRetried: boolean
}

/** What the log says of each task that was started, by its number. */
export function pastTasks(events: readonly RunEvent[]): Map<number, PastTask> {
  const tasks = new Map<number, PastTask>()
  for (const event of events)
    if ('task' in event) tasks.set(event.task, after(event, tasks.get(event.task) ?? {isRetried: false}))
  return tasks
}

function after(event: Extract<RunEvent, {task: number}>, before: PastTask): PastTask {
  switch (event.type) {
    case 'started':
      return {...before, startedAt: event.at, backend: event.backend}
    case 'session':
      return {...before, session: event.session_id}
    case 'worktree':
      return {...before, worktree: event.worktree}
    case 'done':
      return {...before, done: event, session: event.result.session_id ?? before.session, isRetried: false}
    case 'retry':
      return {...before, done: undefined, isRetried: true}
    case 'waiting':
      return before
  }
}
