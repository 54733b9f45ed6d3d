import type {TurnOutput} from 'clinvk-kit/turn/context'
import {dryRun} from '../../output/dry-run.js'
import {paint} from '../../output/paint.js'
import {print, say} from '../../output/standard-streams.js'
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
  readonly #options: ChainViewOptions

  constructor(options: ChainViewOptions) {
    this.#options = options
  }

  notice(message: string): void {
    say(`${paint(process.stderr, 'yellow', 'Note:')} ${message}\n`)
  }

  begin(): void {
    // Each step has its heading.
  }

  output(task: Task): TurnOutput {
    const {quiet, showTiming, showTokens, total} = this.#options
    const silent = quiet && task.number < total
    const heading = quiet ? undefined : (backend: string) => this.#heading(task, backend)
    return new StepOutput({showTokens, showTiming, raw: false, needsContent: true, silent}, heading)
  }

  async finished({backend, dryRun: prepared, result, task}: TaskResult): Promise<void> {
    const {quiet} = this.#options
    if (prepared) await print(this.#heading(task, backend) + dryRun(prepared, 'text'))
    if (!quiet && (prepared || result.content !== '')) await print('\n')
  }

  async end(report: RunReport): Promise<void> {
    if (!this.#options.quiet) await print(this.#options.summary(report))
  }

  close(): void {
    // Each step takes away what it shows.
  }

  #heading({label, number}: Task, backend: string): string {
    const {stdout} = process
    return `${paint(stdout, 'bold', `[${number}/${this.#options.total}] ${label}`)} ${paint(stdout, 'dim', `(${backend})`)}\n`
  }
}

/** The answer of a step under its heading. */
class StepOutput extends TextOutput {
  readonly #heading: ((backend: string) => string) | undefined

  constructor(options: TextOptions, heading: ((backend: string) => string) | undefined) {
    super(options)
    this.#heading = heading
  }

  override start(turn: {backend: string}): void {
    if (this.#heading) void print(this.#heading(turn.backend))
    super.start(turn)
  }
}
