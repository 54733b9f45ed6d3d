import {createHash} from 'node:crypto'
import type {Message} from './chat-request.js'

/** 16 hexadecimal digits for a text. */
export function hashOf(...texts: readonly string[]): string {
  const hash = createHash('sha256')
  for (const text of texts) hash.update(`${Buffer.byteLength(text)}:${text}`)
  return hash.digest('hex').slice(0, 16)
}

/**
 * A hash for the conversation up to and with each message. It holds all that was said before, so two conversations
 * that begin alike differ from their first different answer on. `client`: those of others are never found.
 */
export function chainOf(client: string, messages: readonly Message[]): string[] {
  let last = hashOf(client)
  return messages.map((message) => (last = hashOf(last, messageHash(message))))
}

/** The same for a message however the client has kept it: as parts or as text, trimmed, with the agent's thinking or without. */
export function messageHash({role, text}: Message): string {
  return hashOf(role, role === 'assistant' ? answerOf(text) : text.replace(/\r\n?/g, '\n').trim())
}

/** Without white space, and without what the agent thought, which chat programs put in front of the answer. */
function answerOf(text: string): string {
  return text.replace(/<(think|thinking|details)\b[^>]*>[\s\S]*?<\/\1>/g, '').replace(/\s+/g, '')
}
