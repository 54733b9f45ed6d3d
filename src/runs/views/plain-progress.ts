import type {TurnEvent} from 'clinvk-contract'
import {oneLine} from 'clinvk-kit/format/one-line'
import {denialNotice} from '../../output/denial-notice.js'
import {eventNotice} from '../../output/event-notice.js'
import {say} from '../../output/standard-streams.js'
import type {Task} from '../task.js'
import type {TaskResult} from '../task-result.js'
import type {Progress} from './progress.js'
import {outcomeText} from './outcome-text.js'

/** Lines, each with the name of its task: for logs and terminals that can do no more. */
export class PlainProgress implements Progress {
  /** Quiet: only what goes wrong. */
  readonly #isQuiet: boolean

  constructor({quiet}: {quiet: boolean}) {
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
    for (const line of denialNotice(done.result)) this.#say(line.trimEnd(), done.task)
    const {error} = done.result
    if (this.#isQuiet && !error) return
    this.#say(outcomeText(done), done.task)
    for (const hint of error?.hints ?? []) this.#say(`  ${hint}`, done.task)
  }

  hide(): void {
    // Lines stay where they are.
  }

  end(): void {
    // Nothing is left to be taken away.
  }

  #say(text: string, task?: Task): void {
    say(task === undefined ? `${text}\n` : `[${task.label}] ${text}\n`)
  }
}
