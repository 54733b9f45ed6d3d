import {isFailure} from '../errors/failure.js'
import {messageOf} from '../errors/message-of.js'
import type {TurnSessionRecord} from './hooks.js'

/** Writes the session of a running turn. A write that fails is reported once; the turn runs on, and nothing more is written. */
export class SessionWriter {
  hasFailed = false
  readonly #record: TurnSessionRecord | undefined
  readonly #notice: (message: string) => void

  /** Without a record, an ephemeral turn, it writes nothing. */
  constructor(record: TurnSessionRecord | undefined, notice: (message: string) => void) {
    this.#record = record
    this.#notice = notice
  }

  /** Throws a Failure when another turn holds the session. */
  begin(start: Parameters<TurnSessionRecord['begin']>[0]): Promise<void> {
    return this.#write((record) => record.begin(start), isFailure)
  }

  update(change: Parameters<TurnSessionRecord['update']>[0]): Promise<void> {
    return this.#write((record) => record.update(change))
  }

  finish(result: Parameters<TurnSessionRecord['finish']>[0]): Promise<void> {
    return this.#write((record) => record.finish(result))
  }

  async #write(
    write: (record: TurnSessionRecord) => Promise<void>,
    isThrown: (error: unknown) => boolean = () => false,
  ): Promise<void> {
    if (!this.#record || this.hasFailed) return
    try {
      await write(this.#record)
    } catch (error) {
      if (isThrown(error)) throw error
      this.hasFailed = true
      this.#notice(`The session cannot be saved: ${messageOf(error)}`)
    }
  }
}
