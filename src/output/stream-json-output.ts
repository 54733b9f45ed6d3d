import type {TurnEvent} from 'clinvk-kit/contract'
import type {TurnOutput} from 'clinvk-kit/turn/context'
import type {TurnResult} from 'clinvk-kit/turn/result'
import {errorText} from './error-text.js'
import {print} from './standard-streams.js'

/** For programs: every event as it comes, one JSON object a line; the same for every backend. */
export class StreamJsonOutput implements TurnOutput {
  readonly needsContent = true
  #first = true
  #sessionId: string | undefined

  start({sessionId}: {sessionId?: string}): void {
    this.#sessionId = sessionId
  }

  event(event: TurnEvent): void | Promise<void> {
    // Our own id beside the agent's, so that a program knows from the beginning what it may resume.
    const ours =
      event.type === 'session' && this.#sessionId !== undefined ? {session_id: this.#sessionId} : {}
    return this.#line({...event, ...ours})
  }

  notice(message: string): void {
    void this.#line({type: 'notice', message})
  }

  done(result: TurnResult): void | Promise<void> {
    if (result.error) process.stderr.write(errorText(result.error))
    return this.#line({type: 'done', ...result})
  }

  #line({type, ...rest}: TurnEvent | ({type: 'done'} & TurnResult)): void | Promise<void> {
    const version = this.#first ? {version: 1} : {}
    this.#first = false
    return print(
      process.stdout,
      `${JSON.stringify({type, time: new Date().toISOString(), ...version, ...rest})}\n`,
    )
  }
}
