import type {TurnEvent} from 'clinvk-kit/contract'
import type {TurnOutput} from 'clinvk-kit/turn/context'
import type {TurnResult} from 'clinvk-kit/turn/result'
import {errorText} from './error-text.js'
import {print} from './standard-streams.js'

/** For programs: every event as it comes, one JSON object a line; the same for every backend. */
export class StreamJsonOutput implements TurnOutput {
  readonly needsContent = true
  /** Fields of the first line and of each; a run prints several turns in one stream. */
  readonly #fields: {readonly first: object; readonly each: object}
  #first = true
  #sessionId: string | undefined

  constructor(fields: {first: object; each: object} = {first: {version: 1}, each: {}}) {
    this.#fields = fields
  }

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
    const {each, first} = this.#fields
    const head = {type, time: new Date().toISOString(), ...(this.#first ? first : {}), ...each}
    this.#first = false
    return print(
      process.stdout,
      `${jsonOf({...head, ...rest}) ?? JSON.stringify({...head, ...texts(rest)})}\n`,
    )
  }
}

/** Undefined where a backend has put something into an event that is no JSON, such as a circle. */
function jsonOf(value: object): string | undefined {
  try {
    return JSON.stringify(value)
  } catch {
    return undefined
  }
}

/** What of an event is a text for sure; the rest is lost with it. */
function texts(event: object): object {
  return Object.fromEntries(Object.entries(event).filter(([, value]) => typeof value === 'string'))
}
