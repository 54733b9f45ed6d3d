import type {TurnEvent} from 'clinvk-contract'
import type {TurnOutput} from 'clinvk-kit/turn/context'
import {dryRun} from '../../output/dry-run.js'
import type {Printer} from '../../output/printer.js'
import type {RunReport} from '../result-json.js'
import type {RunView} from '../run-view.js'
import type {Task} from '../task.js'
import type {TaskResult} from '../task-result.js'
import type {Progress} from './progress.js'

export interface TextViewOptions {
  /**
   * How answers are printed: `blocks` whole, when their task has ended; `lines` as they come, each line
   * with the name of its task; `none` by `summary` or not at all.
   */
  readonly answers: 'blocks' | 'lines' | 'none'
  /** Whether `summary` prints answers. */
  readonly keepsContent: boolean
  readonly progress: Progress
  /** What is printed at the end of the run. */
  summary(report: RunReport): string
}

/** For people: answers and the summary on stdout, what happens meanwhile on stderr. */
export class TextView implements RunView {
  readonly keepsContent: boolean
  readonly #printer: Printer
  readonly #options: TextViewOptions

  constructor(printer: Printer, options: TextViewOptions) {
    this.#printer = printer
    this.#options = options
    this.keepsContent = options.keepsContent
  }

  notice(message: string): void {
    this.#options.progress.notice(message)
  }

  async begin({tasks}: {tasks: readonly Task[]}): Promise<void> {
    await this.#options.progress.begin(tasks)
  }

  output(task: Task): TurnOutput {
    const {answers, keepsContent, progress} = this.#options
    const lines = new PrefixedLines(`[${task.label}] `)
    const printsLines = answers === 'lines'
    return {
      needsContent: keepsContent || answers === 'blocks',
      start: ({backend}) => progress.started(task, backend),
      event: (event: TurnEvent) => {
        progress.event(task, event)
        return event.type === 'text' && printsLines ? this.#print(lines.take(event.text)) : undefined
      },
      notice: (message) => progress.notice(message, task),
      done: () => (printsLines ? this.#print(lines.rest()) : undefined),
    }
  }

  async finished(done: TaskResult): Promise<void> {
    const {answers, progress} = this.#options
    progress.finished(done)
    if (answers !== 'none') await this.#print(this.#text(done))
  }

  async end(report: RunReport): Promise<void> {
    this.close()
    await this.#printer.print(this.#options.summary(report))
  }

  close(): void {
    this.#options.progress.end()
  }

  #text({backend, dryRun: prepared, result, task}: TaskResult): string {
    const isBlock = this.#options.answers === 'blocks'
    const heading = isBlock
      ? `${this.#printer.paint('bold', `[${task.label}]`, this.#printer.io.stdout)} ${backend}\n`
      : ''
    if (prepared) {
      const text = dryRun(prepared, 'text')
      return isBlock ? `${heading}${text}\n` : new PrefixedLines(`[${task.label}] `).take(text)
    }

    return isBlock && result.content !== '' ? `${heading}${result.content.trimEnd()}\n\n` : ''
  }

  #print(text: string): void | Promise<void> {
    if (text === '') return undefined
    // On the same terminal the answer must not run into what is shown there.
    if (this.#printer.io.stdout.isTTY) this.#options.progress.hide()
    return this.#printer.print(text)
  }
}

/** Cuts a text that comes in pieces into lines, and begins each with the same words. */
export class PrefixedLines {
  readonly #prefix: string
  #rest = ''

  constructor(prefix: string) {
    this.#prefix = prefix
  }

  /** The lines that this piece completes, or ''. */
  take(text: string): string {
    const end = text.lastIndexOf('\n')
    if (end === -1) {
      this.#rest += text
      return ''
    }

    const whole = this.#rest + text.slice(0, end)
    this.#rest = text.slice(end + 1)
    return this.#lines(whole)
  }

  /** The last line, which no line break has ended, or ''. */
  rest(): string {
    const text = this.#rest
    this.#rest = ''
    return text === '' ? '' : this.#lines(text)
  }

  #lines(text: string): string {
    return text
      .split('\n')
      .map((line) => `${this.#prefix}${line}\n`)
      .join('')
  }
}
