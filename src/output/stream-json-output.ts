import type {TurnEvent} from 'clinvk-contract'
import type {TurnOutput} from 'clinvk-kit/turn/context'
import type {TurnResult} from 'clinvk-kit/turn/result'
import {errorText} from './error-text.js'
import {print, say} from './standard-streams.js'

/** For programs: every event as it comes, one JSON object a line; the same for every backend. */
export class StreamJsonOutput implements TurnOutput {
  readonly needsContent = true
  /** Fields of the first line and of each; a run prints several turns in one stream. */
  readonly #fields: {readonly first: object; readonly each: object}
  readonly #each: string
  #first = true
  #sessionId: string | undefined
  #now = 0
  #nowText = ''

  constructor(fields: {first: object; each: object} = {first: {version: 1}, each: {}}) {
    this.#fields = fields
    this.#each = Object.entries(fields.each)
      .map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)},`)
      .join('')
  }

  start({sessionId}: {sessionId?: string}): void {
    this.#sessionId = sessionId
  }

  event(event: TurnEvent): void | Promise<void> {
    // Our own id beside the agent's, so that a program knows from the beginning what it may resume.
    if (event.type === 'session' && this.#sessionId !== undefined)
      return this.#line({...event, session_id: this.#sessionId})
    return isPiece(event) && !this.#first ? this.#piece(event) : this.#line(event)
  }

  notice(message: string): void {
    void this.#line({type: 'notice', message})
  }

  done(result: TurnResult): void | Promise<void> {
    if (result.error) say(errorText(result.error))
    return this.#line({type: 'done', ...result})
  }

  /** Most of a long stream is pieces of text: made by hand, their lines take half the time. */
  #piece({text, type}: Piece): void | Promise<void> {
    void print(`{"type":"${type}","time":"${this.#time()}",${this.#each}"text":`)
    void print(JSON.stringify(text))
    return print('}\n')
  }

  #line(event: Line): void | Promise<void> {
    const {each, first} = this.#fields
    const line = {type: event.type, time: this.#time(), ...(this.#first ? first : {}), ...each}
    Object.assign(line, event)
    this.#first = false
    return print(`${jsonOf(line) ?? JSON.stringify(plainOf(line))}\n`)
  }

  /** The text of a time is dear, and thousands of events share their millisecond. */
  #time(): string {
    const now = Date.now()
    if (now !== this.#now) this.#nowText = new Date(now).toISOString()
    this.#now = now
    return this.#nowText
  }
}

type Piece = Extract<TurnEvent, {type: 'text' | 'reasoning'}>

function isPiece(event: TurnEvent): event is Piece {
  return (event.type === 'text' || event.type === 'reasoning') && Object.keys(event).length === 2
}

type Line = (TurnEvent & {session_id?: string}) | ({type: 'done'} & TurnResult)

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
