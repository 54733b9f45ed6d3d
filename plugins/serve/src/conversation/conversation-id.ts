import {hashOf} from './hashes.js'

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

/** The id of the session in what Claude Code sends as `metadata.user_id`: JSON, formerly `user_…_session_<uuid>`. */
export function sessionInUserId(userId: unknown): string | undefined {
  if (typeof userId !== 'string') return undefined
  return /"session_id"\s*:\s*"([^"]+)"/.exec(userId)?.[1] ?? /_session_([\da-f-]{36})$/.exec(userId)?.[1]
}
