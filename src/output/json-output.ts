import type {TurnOutput} from 'clinvk-kit/turn/context'
import type {TurnResult} from 'clinvk-kit/turn/result'
import type {Printer} from './printer.js'

/** For scripts: one object on stdout when the turn is over, whatever its end. */
export class JsonOutput implements TurnOutput {
  readonly needsContent = true
  readonly #printer: Printer

  constructor(printer: Printer) {
    this.#printer = printer
  }

  start(): void {
    // Nothing is printed before the end.
  }

  event(): void {
    // The result holds what counts.
  }

  notice(message: string): void {
    this.#printer.note(message)
  }

  done(result: TurnResult): void | Promise<void> {
    if (result.error) this.#printer.error(result.error)
    return this.#printer.print(`${JSON.stringify(result, undefined, 2)}\n`)
  }
}
