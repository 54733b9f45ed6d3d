import {Failure} from 'clinvk-kit/errors/failure'
import type {LogPart} from 'clinvk-kit/for-plugins/history'
import * as z from 'zod'
import {ANSWER_LENGTH, beginning, limit, text, tool} from './tool.js'

const input = z.strictObject({
  session: text.describe('Id, name, or @last.'),
  from: z.int().optional().describe('Number of the first message; -1 is the last.'),
  around: z.int().optional().describe('A turn, as search gives it; -1 is the last.'),
  limit: limit(50),
  offset: z.int().min(0).optional().describe('Characters of the first message to leave out.'),
})
type Input = z.output<typeof input>

/** Gives as much as an answer has room for, and says how to read on. */
export const read = tool({
  name: 'read',
  description: 'Read what was said in a session, message by message.',
  input,
  isReadOnly: true,
  async run(input, context, {signal: stop}) {
    const {clinvk} = await context.open()
    const log = await clinvk.history.log(input.session, partOf(input), {stop})
    const {session: about, total} = log
    const messages = log.messages.slice(0, input.limit)
    if (messages.length === 0 && input.from !== undefined && total !== undefined && total > 0)
      throw new Failure(
        'usage',
        `Session ${input.session} has ${total} messages, so there is none with the number ${input.from}.`,
      )
    // A part of the room is for names and quotes.
    let room = ANSWER_LENGTH - 1000
    const shown: unknown[] = []
    let offset = input.offset ?? 0
    for (const [index, message] of messages.entries()) {
      const number = log.from + index + 1
      const whole = textOf(message).slice(offset)
      const isAlone = input.limit === 1 || message.type === 'text'
      const text = beginning(whole, isAlone ? room : Math.min(room, BESIDE_TEXT))
      // A message that does not fit is read the next time, from its beginning, unless nothing else has been shown.
      if (room <= 0 || (message.type === 'text' && text !== whole && shown.length > 0)) break
      const {name: tool, role, target, turn, type} = message
      const cut = whole.length - text.length
      shown.push({
        number,
        turn,
        role,
        type,
        tool,
        target,
        text,
        ...(cut > 0 && {cut: `${cut} more characters: ${callOf(input, number, offset + text.length)}`}),
      })
      room -= text.length + 100
      offset = 0
    }
    const after = log.from + shown.length
    const isAll = shown.length === log.messages.length && log.next === undefined
    const {backend: agent, id = input.session, title} = about
    const next = isAll ? undefined : callOf(input, after + 1)
    return {data: {session: id, agent, title, total, messages: shown, next}}
  },
})

function partOf({around, from, limit}: Input): LogPart {
  if (around === undefined && from === undefined) return {limit}
  if (around === undefined)
    return from! < 0 ? {last: -from!, limit: -from!} : {from: Math.max(0, from! - 1), limit}
  if (from !== undefined)
    throw new Failure('usage', 'from and around both say where to begin: give one of them.')
  return around < 0 ? {last: -around} : {turn: Math.max(1, around - 1), limit}
}

function callOf({session}: Input, from: number, offset?: number): string {
  const rest = offset === undefined ? {} : {offset, limit: 1}
  return `read ${JSON.stringify({session, from, ...rest})}`
}

function textOf({input, output, text, type}: Readonly<Record<string, unknown>>): string {
  if (type === 'tool_call') return JSON.stringify(input ?? null)
  const said = type === 'tool_result' ? output : text
  return typeof said === 'string' ? said : ''
}

/** Characters of what is no prompt and no answer. */
const BESIDE_TEXT = 1000
