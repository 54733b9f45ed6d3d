import {Failure} from 'clinvk-kit/errors/failure'
import {ANSWER_LENGTH, type Answer, beginning} from './answer.js'
import type {Place} from './place.js'

export interface ReadInput {
  readonly session: string
  /** The number of the first message, from 1 on; -1: the last one. */
  readonly from?: number
  /** Messages from the turn before this one on; -1: the last turn. */
  readonly around?: number
  readonly limit: number
  /** Characters to leave out at the beginning of the first message. */
  readonly offset?: number
}

/** What was said in a session, as much as an answer has room for, and how to read on. */
export async function read(input: ReadInput, place: Place): Promise<Answer> {
  const {clinvk} = await place.open()
  const {messages, session: about} = await clinvk.history.log(input.session)
  const all = messages as unknown as readonly Message[]
  const first = firstOf(input, all)
  const end = Math.min(all.length, first + input.limit)
  // A part of the room is for names and quotes.
  let room = ANSWER_LENGTH - 1000
  const shown: unknown[] = []
  let offset = input.offset ?? 0
  let index = first
  for (; index < end && room > 0; index++) {
    const message = all[index]!
    const whole = textOf(message).slice(offset)
    const isAlone = input.limit === 1 || message.type === 'text'
    const text = beginning(whole, isAlone ? room : Math.min(room, BESIDE_TEXT))
    // Where a message does not fit, it is read the next time from its beginning, unless nothing else has been shown.
    if (message.type === 'text' && text !== whole && shown.length > 0) break
    const {name: tool, role, target, turn, type} = message
    const cut = whole.length - text.length
    shown.push({
      number: index + 1,
      turn,
      role,
      type,
      tool,
      target,
      text,
      ...(cut > 0 && {cut: `${cut} more characters: ${callOf(input, index, offset + text.length)}`}),
    })
    room -= text.length + 100
    offset = 0
  }
  const next = index < all.length ? callOf(input, index) : undefined
  const {backend: agent, id = input.session, title} = (about ?? {}) as Readonly<Record<string, unknown>>
  return {data: {session: id, agent, title, total: all.length, messages: shown, next}}
}

function firstOf({around, from, session}: ReadInput, all: readonly Message[]): number {
  if (from !== undefined && around !== undefined)
    throw new Failure('usage', 'from and around both say where to begin: give one of them.')
  if (around !== undefined) {
    const turn = around < 0 ? (all.at(-1)?.turn ?? 0) + around + 1 : around - 1
    return Math.max(
      0,
      all.findIndex((message) => message.turn >= turn),
    )
  }
  const first = from === undefined ? 0 : from < 0 ? Math.max(0, all.length + from) : Math.max(0, from - 1)
  if (first < all.length || all.length === 0) return first
  throw new Failure('usage', `Session ${session} has ${all.length} messages, so there is no message ${from}.`)
}

/** A call of this tool that begins with another message. */
function callOf({session}: ReadInput, index: number, offset?: number): string {
  const rest = offset === undefined ? {} : {offset, limit: 1}
  return `read ${JSON.stringify({session, from: index + 1, ...rest})}`
}

function textOf({input, output, text, type}: Message): string {
  if (type === 'tool_call') return JSON.stringify(input ?? null)
  return (type === 'tool_result' ? output : text) ?? ''
}

/** As in `docs/reference/json.md`. */
interface Message {
  readonly turn: number
  readonly role: string
  readonly type: 'text' | 'reasoning' | 'tool_call' | 'tool_result'
  readonly text?: string
  readonly name?: string
  readonly input?: unknown
  readonly target?: string
  readonly output?: string
}

/** Characters of what is no prompt and no answer. */
const BESIDE_TEXT = 1000
