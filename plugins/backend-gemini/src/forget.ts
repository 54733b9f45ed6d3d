import {basename, dirname} from 'node:path'
import type {Conversation, Files, Forgotten} from 'clinvk-contract'
import {type ConversationFile, conversationFiles} from './conversation-files.js'

/** Removes a conversation, with every file that gemini 0.61.0 has made of it. */
export async function forget({id}: Conversation, files: Files): Promise<Forgotten> {
  const removed = await removeAll(id, await conversationFiles(id, files), files)
  const logs = (await files.list()).filter((path) => basename(path) === 'logs.json')
  const typed = await Promise.all(logs.map((path) => files.read(path)))
  return {
    removed,
    ...(typed.some((text) => text.includes(`"${id}"`))
      ? {stays: 'prompts that were typed in it (logs.json)'}
      : {}),
  }
}

/** The files of the conversation, and everything whose path has its id or that of a sub-agent: tool outputs, plans. */
export async function removeAll(
  id: string,
  own: readonly ConversationFile[],
  files: Files,
): Promise<string[]> {
  const paths = await files.list()
  const agents = paths
    .filter((path) => basename(dirname(path)) === id && basename(dirname(dirname(path))) === 'chats')
    .map((path) => basename(path).replace(/\.jsonl?$/, ''))
  // Any other id may stand in a path that is not of this conversation.
  const names = [id, ...agents].filter((name) => UUID.test(name))
  const removed = paths.filter(
    (path) => own.some((file) => file.path === path) || names.some((name) => path.includes(name)),
  )
  for (const path of removed) await files.remove(path)
  return removed
}

const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i
