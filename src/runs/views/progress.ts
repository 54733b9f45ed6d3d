import type {TurnEvent} from 'clinvk-contract'
import {formatDuration} from 'clinvk-kit/format/time'
import {formatNumber, oneLine} from 'clinvk-kit/format/text'
import {denialNotice} from '../../output/denial-notice.js'
import {eventNotice} from '../../output/event-notice.js'
import type {Printer} from '../../output/printer.js'
import type {Task} from '../task.js'
import type {TaskResult} from '../task-result.js'

/** Shows on stderr how a run goes. */
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

/** Drawn anew where the terminal can do that, else lines. Quiet: only what goes wrong. */
export async function createProgress(printer: Printer, {quiet}: {quiet: boolean}): Promise<Progress> {
  if (quiet || !printer.canRedraw) return new PlainProgress(printer, {quiet})
  const {createLogUpdate} = await import('log-update')
  const {LiveProgress} = await import('./live-progress.js')
  return new LiveProgress(printer, createLogUpdate(printer.io.stderr))
}

/** Lines, each with the name of its task: for logs and terminals that can do no more. */
class PlainProgress implements Progress {
  readonly #printer: Printer
  /** Quiet: only what goes wrong. */
  readonly #isQuiet: boolean

  constructor(printer: Printer, {quiet}: {quiet: boolean}) {
    this.#printer = printer
    this.#isQuiet = quiet
  }

  begin(): void {
    // Each task says that it starts.
  }

  started(task: Task, backend: string): void {
    if (!this.#isQuiet) this.#say(`${backend} started`, task)
  }

  event(task: Task, event: TurnEvent): void {
    const text = eventNotice(event, 'The agent')
    if (text !== undefined) this.notice(text, task)
  }

  notice(message: string, task?: Task): void {
    this.#say(`Note: ${oneLine(message)}`, task)
  }

  finished(done: TaskResult): void {
    if (done.dryRun) return
    for (const line of denialNotice(done.result, this.#printer)) this.#say(line.trimEnd(), done.task)
    const {error} = done.result
    if (this.#isQuiet && !error) return
    this.#say(outcomeText(done), done.task)
    for (const hint of error?.hints ?? []) this.#say(`  ${hint}`, done.task)
  }

  hide(): void {
    // Lines stay where they are.
  }

  end(): void {
    // Nothing is drawn.
  }

  #say(text: string, task?: Task): void {
    this.#printer.say(task === undefined ? `${text}\n` : `[${task.label}] ${text}\n`)
  }
}

/** `success in 2.5s, 1,234 tokens`, or what went wrong. */
function outcomeText({result, startedAt}: TaskResult): string {
  const {duration_seconds: seconds, error, outcome, usage} = result
  const tokens = usage?.total_tokens
  const spent = tokens === undefined ? '' : `, ${formatNumber(tokens)} tokens`
  const why = error === undefined ? '' : `: ${oneLine(error.message)}`
  const time = startedAt === undefined ? '' : ` in ${formatDuration(seconds * 1000)}`
  return `${outcome}${time}${spent}${why}`
}
