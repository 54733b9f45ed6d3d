import {basename, dirname} from 'node:path'
import type {Files} from 'clinvk-contract'
import {readConversation, type StoredConversation} from './session-file.js'

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
