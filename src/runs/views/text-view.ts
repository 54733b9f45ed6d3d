import type {TurnEvent} from 'clinvk-contract'
import type {TurnOutput} from 'clinvk-kit/turn/context'
import {dryRun} from '../../output/dry-run.js'
import {paint} from '../../output/paint.js'
import {print} from '../../output/standard-streams.js'
import type {RunReport} from '../result-json.js'
import type {RunView} from '../run-view.js'
import type {Task} from '../task.js'
import type {TaskResult} from '../task-result.js'
import {LinesOf} from './lines-of.js'
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
  readonly #options: TextViewOptions

  constructor(options: TextViewOptions) {
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
    const lines = new LinesOf(`[${task.label}] `)
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
    await print(this.#options.summary(report))
  }

  close(): void {
    this.#options.progress.end()
  }

  #text({backend, dryRun: prepared, result, task}: TaskResult): string {
    const isBlock = this.#options.answers === 'blocks'
    const heading = isBlock ? `${paint(process.stdout, 'bold', `[${task.label}]`)} ${backend}\n` : ''
    if (prepared) {
      const text = dryRun(prepared, 'text')
      return isBlock ? `${heading}${text}\n` : new LinesOf(`[${task.label}] `).take(text)
    }

    return isBlock && result.content !== '' ? `${heading}${result.content.trimEnd()}\n\n` : ''
  }

  #print(text: string): void | Promise<void> {
    if (text === '') return undefined
    // On the same terminal the answer must not run into what is shown there.
    if (process.stdout.isTTY) this.#options.progress.hide()
    return print(text)
  }
}
