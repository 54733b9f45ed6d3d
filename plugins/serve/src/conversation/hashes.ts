import {createHash} from 'node:crypto'
import type {Message} from './chat-request.js'

/** 16 hexadecimal digits for a text. */
export function hashOf(...texts: readonly string[]): string {
  const hash = createHash('sha256')
  for (const text of texts) hash.update(`${Buffer.byteLength(text)}:${text}`)
  return hash.digest('hex').slice(0, 16)
}

/** A hash of all that was said in a conversation. `client`: those of others are never found. */
export function chainOf(client: string, messages: readonly Message[]): string {
  return messages.reduce((before, message) => hashOf(before, messageHash(message)), hashOf(client))
}

/** The same for a message however the client has kept it: as parts or as text, trimmed, with the agent's thinking or without. */
export function messageHash({role, text}: Message): string {
  return hashOf(role, role === 'assistant' ? answerOf(text) : text.replace(/\r\n?/g, '\n').trim())
}

/** Without white space, and without what the agent thought, which chat programs put in front of the answer. */
function answerOf(text: string): string {
  return text.replace(/<(think|thinking|details)\b[^>]*>[\s\S]*?<\/\1>/g, '').replace(/\s+/g, '')
}
