import type {Json, Usage} from 'clinvk-contract'
import {askAgent} from '../backends/ask-agent.js'
import {messageOf} from '../errors/message-of.js'
import {agentFiles} from './agent-files.js'
import type {PreparedInteractive} from './interactive-session.js'

/** What was said in a conversation while the agent had the terminal, by the agent's own record. */
export interface SyncedTranscript {
  readonly turns: number
  readonly usage?: Usage
  /** The model that answered last. */
  readonly model?: string
  /** ISO 8601; absent when nothing was said. */
  readonly lastUsed?: string
  /** Replaces the state that is kept with the session. */
  readonly state?: Json
}

/** Reads what has happened since then, and tidies up. Undefined when the agent keeps no record that can be read. */
export async function syncTranscript(
  {backend, conversation, entry, env}: PreparedInteractive,
  since: Date,
  notice: (message: string) => void,
): Promise<SyncedTranscript | undefined> {
  const files = agentFiles(entry.descriptor.directories ?? [], env)
  const ask = askAgent(entry, {cwd: conversation.cwd, env})
  try {
    const record = await backend.record?.(conversation, files, ask)
    await backend.tidy?.(conversation, files, ask)
    if (!record) return undefined
    const turns = record.turns.filter(({startedAt}) => Date.parse(startedAt) >= since.getTime())
    const usage = sum(turns.flatMap((turn) => turn.usage ?? []))
    const model = turns.findLast((turn) => turn.model !== undefined)?.model
    const lastUsed = turns.at(-1)?.endedAt
    return {
      turns: turns.length,
      ...(usage === undefined ? {} : {usage}),
      ...(model === undefined ? {} : {model}),
      ...(lastUsed === undefined ? {} : {lastUsed}),
      ...(record.state === undefined ? {} : {state: record.state}),
    }
  } catch (error) {
    notice(`What ${entry.descriptor.title} has kept of it cannot be read: ${messageOf(error)}`)
    return undefined
  }
}

/** A field that no usage has is unknown. */
function sum(usages: readonly Usage[]): Usage | undefined {
  if (usages.length === 0) return undefined
  const total: Usage = {}
  for (const usage of usages) {
    for (const field of FIELDS) {
      const value = usage[field]
      if (value !== undefined) total[field] = (total[field] ?? 0) + value
    }
  }

  return total
}

const FIELDS = ['input_tokens', 'output_tokens', 'cached_tokens', 'reasoning_tokens', 'total_tokens'] as const
