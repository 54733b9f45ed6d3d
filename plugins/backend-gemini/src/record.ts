import type {Conversation, ConversationRecord, Files, RecordedTurn} from 'clinvk-contract'
import {conversationFiles} from './conversation-files.js'
import {isSaid, merged, type StoredMessage} from './session-file.js'
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

  const isLost = own.every(({conversation}) => conversation.isEmpty)
  return {turns: turnsOf([...messages.values()]), ...(isLost ? {} : {state: null})}
}

function turnsOf(messages: readonly StoredMessage[]): RecordedTurn[] {
  const turns: {prompt: StoredMessage; answers: StoredMessage[]}[] = []
  for (const message of messages) {
    if (message.type === 'user' && isSaid(message)) turns.push({prompt: message, answers: []})
    else if (message.type === 'gemini') turns.at(-1)?.answers.push(message)
  }

  return turns.map(({answers, prompt}) => {
    const model = answers.findLast((answer) => answer.model !== undefined)?.model
    const usage = usageOfMessages(answers)
    return {
      startedAt: prompt.timestamp ?? '',
      endedAt: (answers.at(-1) ?? prompt).timestamp ?? '',
      ...(model === undefined ? {} : {model}),
      ...(usage === undefined ? {} : {usage}),
    }
  })
}
