import type {TurnOutput} from 'clinvk-kit/turn/context'
import type {Printer} from '../../output/printer.js'
import type {RunReport} from '../result-json.js'
import type {RunView} from '../run-view.js'
import type {Task} from '../task.js'

/** For scripts: one object on stdout when the run is over. */
export class JsonView implements RunView {
  readonly keepsContent = true
  readonly #printer: Printer
  readonly #json: (report: RunReport) => object

  constructor(printer: Printer, json: (report: RunReport) => object) {
    this.#printer = printer
    this.#json = json
  }

  notice(message: string): void {
    this.#printer.note(message)
  }

  begin(): void {
    // Nothing is printed before the end.
  }

  output({label}: Task): TurnOutput {
    return {
      needsContent: true,
      start: () => undefined,
      event: () => undefined,
      notice: (message) => this.notice(`[${label}] ${message}`),
      done: () => undefined,
    }
  }

  finished(): void {
    // The report holds everything.
  }

  end(report: RunReport): void | Promise<void> {
    return this.#printer.print(`${JSON.stringify(this.#json(report), undefined, 2)}\n`)
  }

  close(): void {
    // Nothing is drawn.
  }
}
