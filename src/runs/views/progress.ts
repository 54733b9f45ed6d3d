import type {TurnEvent} from 'clinvk-contract'
import type {Task} from '../task.js'
import type {TaskResult} from '../task-result.js'

/** Tells on stderr how a run goes. */
export interface Progress {
  begin(tasks: readonly Task[]): void | Promise<void>
  started(task: Task, backend: string): void
  event(task: Task, event: TurnEvent): void
  /** For the user; without a task about the whole run. */
  notice(message: string, task?: Task): void
  finished(done: TaskResult): void
  /** Something else is going to be printed on the same terminal. */
  hide(): void
  end(): void
}
