import type {TurnOutput} from 'clinvk-kit/turn/context'
import {StreamJsonOutput} from '../../output/stream-json-output.js'
import {print} from '../../output/standard-streams.js'
import type {RunReport} from '../result-json.js'
import type {RunView} from '../run-view.js'
import type {Task} from '../task.js'
import type {TaskResult} from '../task-result.js'

/** For programs: the events of all tasks as they come, each with its task; the report is the last line. */
export class StreamJsonView implements RunView {
  readonly keepsContent = true
  readonly #json: (report: RunReport) => object

  constructor(json: (report: RunReport) => object) {
    this.#json = json
  }

  notice(message: string): void {
    void line('notice', {message})
  }

  begin({id, tasks}: {id: string; tasks: readonly Task[]}): void | Promise<void> {
    return line('run', {version: 1, run_id: id, tasks: tasks.map((task) => about(task))})
  }

  output(task: Task): TurnOutput {
    return new StreamJsonOutput({first: {}, each: about(task)})
  }

  finished({result, startedAt, task}: TaskResult): void | Promise<void> {
    // A task that did not run has had no output.
    return startedAt === undefined ? line('done', {...about(task), ...result}) : undefined
  }

  end(report: RunReport): void | Promise<void> {
    return line('run_done', this.#json(report))
  }

  close(): void {
    // Nothing stands on the terminal.
  }
}

function about({label, number}: Task): {task: number; task_id: string} {
  return {task: number, task_id: label}
}

function line(type: string, rest: object): void | Promise<void> {
  return print(`${JSON.stringify({type, time: new Date().toISOString(), ...rest})}\n`)
}
