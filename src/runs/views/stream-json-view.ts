import type {TurnOutput} from 'clinvk-kit/turn/context'
import type {Printer} from '../../output/printer.js'
import {StreamJsonOutput} from '../../output/stream-json-output.js'
import type {RunReport} from '../result-json.js'
import type {RunView} from '../run-view.js'
import type {Task} from '../task.js'
import type {TaskResult} from '../task-result.js'

/** For programs: the events of all tasks as they come, each with its task; the report is the last line. */
export class StreamJsonView implements RunView {
  readonly keepsContent = true
  readonly #printer: Printer
  readonly #json: (report: RunReport) => object

  constructor(printer: Printer, json: (report: RunReport) => object) {
    this.#printer = printer
    this.#json = json
  }

  notice(message: string): void {
    void this.#line('notice', {message})
  }

  begin({id, tasks}: {id: string; tasks: readonly Task[]}): void | Promise<void> {
    return this.#line('run', {version: 1, run_id: id, tasks: tasks.map((task) => about(task))})
  }

  output(task: Task): TurnOutput {
    return new StreamJsonOutput(this.#printer, {first: {}, each: about(task)})
  }

  finished({result, startedAt, task}: TaskResult): void | Promise<void> {
    // A task that did not run has had no output.
    return startedAt === undefined ? this.#line('done', {...about(task), ...result}) : undefined
  }

  end(report: RunReport): void | Promise<void> {
    return this.#line('run_done', this.#json(report))
  }

  close(): void {
    // Nothing is drawn.
  }

  #line(type: string, fields: object): void | Promise<void> {
    const time = this.#printer.io.now().toISOString()
    return this.#printer.print(`${JSON.stringify({type, time, ...fields})}\n`)
  }
}

function about({label, number}: Task): {task: number; task_id: string} {
  return {task: number, task_id: label}
}
