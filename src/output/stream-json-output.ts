import type {TurnEvent} from 'clinvk-contract'
import type {TurnOutput} from 'clinvk-kit/turn/context'
import type {TurnResult} from 'clinvk-kit/turn/result'
import type {Printer} from './printer.js'

/** For programs: every event as it comes, one JSON object a line; the same for every backend. */
export class StreamJsonOutput implements TurnOutput {
  readonly needsContent = true
  readonly #printer: Printer
  /** Fields of the next line, and of each: a run prints several turns in one stream. */
  #first: object
  readonly #each: object
  #sessionId: string | undefined

  constructor(
    printer: Printer,
    {first, each}: {first: object; each: object} = {first: {version: 1}, each: {}},
  ) {
    this.#printer = printer
    this.#first = first
    this.#each = each
  }

  start({sessionId}: {sessionId?: string}): void {
    this.#sessionId = sessionId
  }

  event(event: TurnEvent): void | Promise<void> {
    // Our own id beside the agent's, so that a program knows from the beginning what it may resume.
    return this.#line(event.type === 'session' ? {...event, session_id: this.#sessionId} : {...event})
  }

  notice(message: string): void {
    void this.#line({type: 'notice', message})
  }

  done(result: TurnResult): void | Promise<void> {
    if (result.error) this.#printer.error(result.error)
    return this.#line({type: 'done', ...result})
  }

  #line({type, ...fields}: Line): void | Promise<void> {
    const time = this.#printer.io.now().toISOString()
    const line = {type, time, ...this.#first, ...this.#each, ...fields}
    this.#first = {}
    return this.#printer.print(`${jsonOf(line) ?? JSON.stringify(plainOf(line))}\n`)
  }
}

interface Line {
  readonly type: string
  readonly [field: string]: unknown
}

/** Undefined where a backend has put something into an event that is no JSON, such as a circle. */
function jsonOf(value: object): string | undefined {
  try {
    return JSON.stringify(value)
  } catch {
    return undefined
  }
}

/** What of an event is plain for sure; the rest is lost with it. */
function plainOf(event: object): object {
  return Object.fromEntries(
    Object.entries(event).filter(([, value]) => typeof value === 'string' || typeof value === 'number'),
  )
}
