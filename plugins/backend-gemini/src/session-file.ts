import {basename, dirname} from 'node:path'
import {parseLines} from 'clinvk-backend-sdk'
import type {Files} from 'clinvk-contract'

/** A conversation as gemini 0.61 keeps it, a JSON object a line, as far as clinvk reads it. */
export interface StoredConversation {
  readonly id?: string
  /**
   * Each once, as it stood last, but with the time of its first writing and what it
   * has cost: a resume writes all of them anew without either. Also those that
   * gemini has taken back: they were said, and have cost.
   */
  readonly messages: readonly StoredMessage[]
  /** Whether there is something to resume; else gemini takes the file for an empty one, to be cleaned up. */
  readonly isEmpty: boolean
}

export interface StoredMessage {
  id?: string
  timestamp?: string
  type?: string
  content?: string | readonly {text?: string}[]
  model?: string
  tokens?: {input?: number; output?: number; cached?: number; thoughts?: number}
  toolCalls?: readonly unknown[]
  thoughts?: readonly unknown[]
}

interface Line extends StoredMessage {
  sessionId?: string
  messages?: readonly StoredMessage[]
  /** Replaces what came before. */
  $set?: {messages?: readonly StoredMessage[]}
}

export function readConversation(text: string): StoredConversation {
  let id: string | undefined
  const messages = new Map<string, StoredMessage>()
  const current = new Map<string, StoredMessage>()
  for (const record of parseLines<Line>(text, (line) => line.startsWith('{'))) {
    id ??= record.sessionId
    if (record.$set?.messages) current.clear()
    for (const message of [record, ...(record.messages ?? []), ...(record.$set?.messages ?? [])]) {
      if (message.id === undefined || message.type === undefined) continue
      messages.set(message.id, merged(messages.get(message.id), message))
      current.set(message.id, message)
    }
  }

  const isEmpty = ![...current.values()].some((message) => isSaid(message))
  return {id, isEmpty, messages: [...messages.values()]}
}

export function textOf({content = ''}: StoredMessage): string {
  return typeof content === 'string' ? content : content.map(({text = ''}) => text).join('')
}

/** What was written first and last of one message. */
export function merged(before: StoredMessage | undefined, message: StoredMessage): StoredMessage {
  return {...before, ...message, timestamp: before?.timestamp ?? message.timestamp}
}

/** Whether gemini takes this for a part of the conversation (`isResumableMessageRecord`). */
export function isSaid(message: StoredMessage): boolean {
  const text = textOf(message).trim()
  if (message.type === 'user') return text !== '' && !/^(?:[/?]|<session_context>|<hook_context>)/.test(text)
  const {thoughts = [], toolCalls = [], type} = message
  return type === 'gemini' && (text !== '' || toolCalls.length > 0 || thoughts.length > 0)
}

export interface ConversationFile {
  readonly path: string
  readonly conversation: StoredConversation
}

/** Files of this conversation, oldest first: their names begin with the minute and end with 8 digits of the id. */
export async function conversationFiles(id: string, files: Files): Promise<ConversationFile[]> {
  const candidates = (await files.list()).filter(
    (path) => basename(dirname(path)) === 'chats' && isNamedAfter(id, basename(path)),
  )
  const found = await Promise.all(
    candidates.sort().map(async (path) => ({path, conversation: readConversation(await files.read(path))})),
  )
  return found.filter(({conversation}) => conversation.id === id)
}

function isNamedAfter(id: string, name: string): boolean {
  return ['.json', '.jsonl'].some((ending) => name.endsWith(`-${id.slice(0, 8)}${ending}`))
}
