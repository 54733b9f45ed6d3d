import assert from 'node:assert/strict'
import type {Ask, Conversation, RecordedConversation, TranscriptEntry} from 'clinvk-contract'
import {contractSchema, issueIn} from 'clinvk-contract/schema'
import {agentFiles} from 'clinvk-kit/turn/agent-files'
import {backendOf} from './backend-of.js'

export interface HistoryReader {
  conversations: (only?: Conversation) => Promise<readonly RecordedConversation[]>
  /** Everything of a conversation, valid by the contract, with ids that are unique. */
  transcript: (conversation: RecordedConversation) => Promise<TranscriptEntry[]>
  /** The same with its sub-agents. */
  withSubAgents: (conversation: RecordedConversation) => Promise<RecordedConversation>
  deletedAt: (conversation: RecordedConversation) => Promise<string | undefined>
  renewal: (now: Date) => string
  /** The transcript for people. */
  lines: (conversation: RecordedConversation) => Promise<string[]>
}

/** Reads the records of an agent in a home as its backend does. */
export async function historyOf(
  name: string,
  home: string,
  ask: Ask = () => Promise.resolve(undefined),
): Promise<HistoryReader> {
  const {backend, directories = []} = await backendOf(name)
  const history = backend.history!
  const files = agentFiles(directories, {HOME: home})
  const valid = contractSchema({strict: true}).history
  const transcript = async (conversation: RecordedConversation) => {
    const entries: TranscriptEntry[] = []
    for await (const entry of history.transcript(conversation, files, ask)) {
      assert.equal(issueIn(valid.transcript, entry), undefined, JSON.stringify(entry))
      entries.push(entry)
    }

    for (const isCall of [true, false]) {
      const ids = entries.flatMap((entry) =>
        'id' in entry && (entry.type === 'call') === isCall ? entry.id : [],
      )
      assert.equal(new Set(ids).size, ids.length, ids.join(', '))
    }

    return entries
  }

  return {
    conversations: async (only) => {
      const found = await history.conversations(files, ask, only)
      assert.equal(issueIn(valid.conversations, found), undefined)
      return found
    },
    transcript,
    lines: async (conversation) => (await transcript(conversation)).flatMap((entry) => lineOf(entry)),
    withSubAgents: async (conversation) => ({
      ...conversation,
      paths: [...conversation.paths, ...((await history.subAgents?.(conversation, files)) ?? [])],
    }),
    deletedAt: async (conversation) => history.deletedAt?.(conversation, files),
    renewal: (now) => history.renewal!(now),
  }
}

/** The text of a record; texts are lines as they are. */
export function recordText(all: readonly unknown[]): string {
  return all.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n')
}

function lineOf(entry: TranscriptEntry): string[] {
  if (entry.type === 'about' || entry.type === 'end') return []
  const by = entry.subAgent === undefined ? '' : `${entry.subAgent}> `
  switch (entry.type) {
    case 'text':
      return [`${by}${entry.role}: ${entry.text}`]
    case 'reasoning':
      return [`${by}thinks: ${entry.text}`]
    case 'tool_call':
      return [`${by}calls ${entry.name} ${entry.target ?? JSON.stringify(entry.input)}`]
    case 'tool_result':
      return [`${by}${entry.isError ? 'error' : 'result'}: ${entry.output}`]
    case 'call':
      return [
        `${by}cost ${entry.inputTokens}/${entry.cachedTokens}/${entry.outputTokens}/${entry.reasoningTokens}`,
      ]
  }
}
