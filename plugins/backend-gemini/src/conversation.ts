import {basename, dirname} from 'node:path'
import type {Conversation, ConversationRecord, Files, Forgotten, RecordedTurn} from 'clinvk-contract'
import {type ConversationFile, conversationFiles, isSaid, merged, type StoredMessage} from './session-file.js'
import {usageOfMessages} from './usage.js'

/**
 * The turns of a conversation from gemini's own files (0.61.0). Calls by which it
 * chooses a model, or sums up a conversation, do not stand there.
 */
export async function record({id}: Conversation, files: Files): Promise<ConversationRecord | undefined> {
  const own = await conversationFiles(id, files)
  if (own.length === 0) return undefined
  const messages = new Map<string, StoredMessage>()
  for (const message of own.flatMap(({conversation}) => conversation.messages)) {
    messages.set(message.id!, merged(messages.get(message.id!), message))
  }

  const isResumable = own.some(({conversation}) => !conversation.isEmpty)
  return {turns: turnsOf([...messages.values()]), state: isResumable ? null : undefined}
}

function turnsOf(messages: readonly StoredMessage[]): RecordedTurn[] {
  const turns: {prompt: StoredMessage; answers: StoredMessage[]}[] = []
  for (const message of messages) {
    if (message.type === 'user' && isSaid(message)) turns.push({prompt: message, answers: []})
    else if (message.type === 'gemini') turns.at(-1)?.answers.push(message)
  }

  return turns.map(({answers, prompt}) => ({
    startedAt: prompt.timestamp ?? '',
    endedAt: (answers.at(-1) ?? prompt).timestamp ?? '',
    model: answers.findLast((answer) => answer.model !== undefined)?.model,
    usage: usageOfMessages(answers),
  }))
}

/** Removes a conversation, with every file that gemini 0.61.0 has made of it. */
export async function forget({id}: Conversation, files: Files): Promise<Forgotten> {
  const removed = await removeAll(id, await conversationFiles(id, files), files)
  const logs = (await files.list()).filter((path) => basename(path) === 'logs.json')
  const typed = await Promise.all(logs.map((path) => files.read(path)))
  return {
    removed,
    stays: typed.some((text) => text.includes(`"${id}"`))
      ? 'prompts that were typed in it (logs.json)'
      : undefined,
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
