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

/**
 * A hash of the client's own id of the conversation, where it sends one: in a field of its API, or in one of the headers
 * by which chat programs are known to send it. It is never believed alone, only together with the messages.
 */
export function conversationId(
  client: string,
  header: (name: string) => string | undefined,
  field?: string,
): string | undefined {
  if (field !== undefined) return hashOf(client, 'field', field)
  for (const name of HEADERS) {
    const value = header(name)
    if (value) return hashOf(client, name, value)
  }
  return undefined
}

const HEADERS = [
  'x-openwebui-chat-id',
  'x-conversation-id', // LibreChat, as its documentation sets it
  'x-claude-code-session-id',
  'session-id', // codex
  'session_id', // codex before
  'x-opencode-session',
  'x-session-affinity', // opencode
  'x-chat-id',
  'x-thread-id',
  'x-session-id',
]
