import type {PreparedTurn} from 'clinvk-kit/turn/prepare'
import type {TurnResult} from 'clinvk-kit/turn/result'
import type {Task} from './task.js'

/** How one task of a run ended. */
export interface TaskResult {
  readonly task: Task
  readonly backend: string
  readonly result: TurnResult
  /** Absent where the task was cancelled before its turn came. */
  readonly startedAt?: Date
  readonly endedAt?: Date
  /** What would have been run. */
  readonly dryRun?: PreparedTurn
}

/** The tasks of a run by their ends. */
export interface Counts {
  readonly completed: number
  readonly failed: number
  readonly cancelled: number
}

export function count(results: readonly TaskResult[]): Counts {
  const of = (isCounted: (outcome: TurnResult['outcome']) => boolean) =>
    results.filter(({result}) => isCounted(result.outcome)).length
  return {
    completed: of((outcome) => outcome === 'success'),
    failed: of((outcome) => outcome !== 'success' && outcome !== 'cancelled'),
    cancelled: of((outcome) => outcome === 'cancelled'),
  }
}

/** The exit code of a run: 0 all succeeded, 1 some did not, 128 + n when the user ended it by signal n. */
export function exitCodeOf(results: readonly TaskResult[], interrupted: boolean): number {
  const cancelled = results.find(({result}) => result.outcome === 'cancelled')
  if (interrupted && cancelled) return cancelled.result.exit_code
  return results.every(({result}) => result.outcome === 'success') ? 0 : 1
}

/** The end of a task that did not run. */
export function cancelledTask(task: Task, backend: string, message: string, exitCode: number): TaskResult {
  return {
    task,
    backend,
    result: {
      backend,
      content: '',
      outcome: 'cancelled',
      error: {kind: 'cancelled', message},
      exit_code: exitCode,
      duration_seconds: 0,
      denials: [],
    },
  }
}
