import type {TurnOutput} from 'clinvk-kit/turn/context'
import {dryRun} from '../../output/dry-run.js'
import type {Printer} from '../../output/printer.js'
import {TextOutput, type TextOptions} from '../../output/text-output.js'
import type {RunReport} from '../result-json.js'
import type {RunView} from '../run-view.js'
import type {Task} from '../task.js'
import type {TaskResult} from '../task-result.js'

export interface ChainViewOptions {
  /** Print the answer of the last step only. */
  readonly quiet: boolean
  readonly showTokens: boolean
  readonly showTiming: boolean
  /** How many steps there are. */
  readonly total: number
  summary(report: RunReport): string
}

/** For people: the answers of the steps on stdout as they come, under headings. */
export class ChainView implements RunView {
  /** Later steps need what earlier ones have said. */
  readonly keepsContent = true
  readonly #printer: Printer
  readonly #options: ChainViewOptions

  constructor(printer: Printer, options: ChainViewOptions) {
    this.#printer = printer
    this.#options = options
  }

  notice(message: string): void {
    this.#printer.note(message)
  }

  begin(): void {
    // Each step has its heading.
  }

  output(task: Task): TurnOutput {
    const {quiet, showTiming, showTokens, total} = this.#options
    const silent = quiet && task.number < total
    const heading = quiet ? undefined : (backend: string) => this.#heading(task, backend)
    const options = {showTokens, showTiming, raw: false, needsContent: true, silent}
    return new StepOutput(this.#printer, options, heading)
  }

  async finished({backend, dryRun: prepared, result, task}: TaskResult): Promise<void> {
    const {quiet} = this.#options
    const printer = this.#printer
    if (prepared) await printer.print(this.#heading(task, backend) + dryRun(prepared, 'text'))
    if (!quiet && (prepared || result.content !== '')) await printer.print('\n')
  }

  async end(report: RunReport): Promise<void> {
    if (!this.#options.quiet) await this.#printer.print(this.#options.summary(report))
  }

  close(): void {
    // Each step takes away what it shows.
  }

  #heading({label, number}: Task, backend: string): string {
    const {stdout} = this.#printer.io
    const title = this.#printer.paint('bold', `[${number}/${this.#options.total}] ${label}`, stdout)
    return `${title} ${this.#printer.paint('dim', `(${backend})`, stdout)}\n`
  }
}

/** The answer of a step under its heading. */
class StepOutput extends TextOutput {
  readonly #showHeading: (backend: string) => void

  constructor(printer: Printer, options: TextOptions, heading: ((backend: string) => string) | undefined) {
    super(printer, options)
    this.#showHeading = (backend) => void (heading && printer.print(heading(backend)))
  }

  override start(turn: {backend: string}): void {
    this.#showHeading(turn.backend)
    super.start(turn)
  }
}
