import type {TurnOutput} from 'clinvk-kit/turn/context'
import type {RunReport} from './result-json.js'
import type {Task} from './task.js'
import type {TaskResult} from './task-result.js'

/** What a user or a program sees of a run. */
export interface RunView {
  /** Whether results must hold their answers at the end of the run. */
  readonly keepsContent: boolean
  /** For the user, about the whole run. */
  notice(message: string): void
  /** Before the first task starts. */
  begin(run: {readonly id: string; readonly tasks: readonly Task[]}): void | Promise<void>
  /** Where a task's events go. */
  output(task: Task): TurnOutput
  /** After a task's last event, whether it ran or not. */
  finished(done: TaskResult): void | Promise<void>
  end(report: RunReport): void | Promise<void>
  /** Takes away what stands on the terminal for a while; also where the run breaks off. */
  close(): void
}
