import {isFailure} from '../failure.js'
import {messageOf} from '../message-of.js'
import type {TurnSessionRecord} from './hooks.js'
import type {PreparedTurn} from './prepare.js'
import type {TurnResult} from './result.js'

/** The session of a running turn. What cannot be written is said once; the turn goes on. */
export class WrittenSession {
  /** False as soon as a write has failed; then nothing more is tried. */
  isSaved = true
  readonly #record: TurnSessionRecord
  readonly #notice: (message: string) => void

  constructor(record: TurnSessionRecord, notice: (message: string) => void) {
    this.#record = record
    this.#notice = notice
  }

  get id(): string {
    return this.#record.id
  }

  begin(start: Parameters<TurnSessionRecord['begin']>[0]): Promise<void> {
    return this.#attempt(() => this.#record.begin(start), isFailure)
  }

  save(change: Parameters<TurnSessionRecord['update']>[0]): Promise<void> {
    return this.#attempt(() => this.#record.update(change))
  }

  finish(result: TurnResult): Promise<void> {
    return this.#attempt(() => this.#record.finish(result))
  }

  /** What `ends` the turn is thrown: that another one has the session is no trouble with the disk. */
  async #attempt(write: () => Promise<void>, ends: (error: unknown) => boolean = () => false): Promise<void> {
    if (!this.isSaved) return
    try {
      await write()
    } catch (error) {
      if (ends(error)) throw error
      this.isSaved = false
      this.#notice(`The session cannot be saved: ${messageOf(error)}`)
    }
  }
}

/** The first write, just before the agent starts. Throws a Failure when another turn holds the session. */
export async function beginSession(
  {entry, session: record, turn}: PreparedTurn,
  notice: (message: string) => void,
): Promise<WrittenSession | undefined> {
  if (!record) return undefined
  const session = new WrittenSession(record, notice)
  await session.begin({
    backend: entry.name,
    workingDir: turn.cwd,
    prompt: turn.prompt,
    ...(turn.model === undefined ? {} : {model: turn.model}),
  })
  return session
}
