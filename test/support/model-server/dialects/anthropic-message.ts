import {randomUUID} from 'node:crypto'
import type {Answer} from '../dialect.js'
import type {Usage} from '../reply.js'

export type Block =
  | {type: 'thinking'; thinking: string; signature: string}
  | {type: 'text'; text: string}
  | {type: 'tool_use'; id: string; name: string; input: unknown}

/** The answer as one message. */
export function whole(answer: Answer) {
  return {...envelope(answer), content: blocks(answer), ...stop(answer), usage: wireUsage(answer.usage)}
}

/** The content blocks of an answer, in the order in which the real API gives them. */
export function blocks({text, thinking, toolCalls}: Answer): Block[] {
  const list: Block[] = []
  if (thinking !== undefined) list.push({type: 'thinking', thinking, signature: 'c2lnbmF0dXJl'})
  if (text !== undefined) list.push({type: 'text', text})
  for (const {name, input} of toolCalls) list.push({type: 'tool_use', id: newId('toolu'), name, input})
  return list
}

export const envelope = ({model}: Answer) => ({id: newId('msg'), type: 'message', role: 'assistant', model})

export const stop = (answer: Answer) => ({
  stop_reason: answer.stop ?? (answer.toolCalls.length > 0 ? 'tool_use' : 'end_turn'),
  stop_sequence: null,
})

export const wireUsage = ({input, cacheRead, cacheWrite, output}: Usage) => ({
  input_tokens: input,
  cache_creation_input_tokens: cacheWrite,
  cache_read_input_tokens: cacheRead,
  output_tokens: output,
})

const newId = (kind: string) => `${kind}_${randomUUID().replaceAll('-', '')}`
