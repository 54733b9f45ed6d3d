import type {
  Ask,
  Backend,
  Conversation,
  ConversationRecord,
  Files,
  RecordedTurn,
  Usage,
} from 'clinvk-contract'
import {askAgent} from '../backends/ask-agent.js'
import type {BackendEntry} from '../backends/discover.js'
import type {Env} from '../io.js'
import {agentFiles} from './agent-files.js'
import type {TurnContext} from './context.js'
import {addUsage, withTotal} from './usage.js'

/** A backend, with what it reads and changes its agent's records by. */
export interface AgentRecords {
  readonly backend: Backend
  readonly files: Files
  readonly ask: Ask
}

/**
 * `cwd`: where the agent's program is started to be asked; without it, it is not. With `onUnreadable`, what cannot be read
 * is as if it was empty.
 */
export async function recordsOf(
  entry: BackendEntry,
  {cwd, env, stop}: {readonly cwd?: string; readonly env: Env; readonly stop?: AbortSignal},
  onUnreadable?: (error: unknown) => void,
): Promise<AgentRecords> {
  const files = agentFiles(entry.descriptor.directories ?? [], env, onUnreadable)
  const ask = cwd === undefined ? () => Promise.resolve(undefined) : askAgent(entry, {cwd, env, stop})
  return {backend: await entry.load(), files, ask}
}

/** Whether an agent has a conversation with its prompt, so that it can resume it; undefined where it cannot tell just now. */
export async function isRecorded(
  entry: BackendEntry,
  conversation: Conversation,
  {env}: Pick<TurnContext, 'env'>,
  stop?: AbortSignal,
): Promise<boolean | undefined> {
  try {
    const {ask, backend, files} = await recordsOf(entry, {cwd: conversation.cwd, env, stop})
    return (await backend.isResumable?.(conversation, files, ask)) ?? true
  } catch {
    return undefined
  }
}

/** The turns of a conversation by the agent's own record; undefined when there is none, or none that can be read. */
export async function recordedTurns(
  conversation: Conversation,
  {ask, backend, files}: AgentRecords,
): Promise<ConversationRecord | undefined> {
  const {history} = backend
  if (!history) return backend.record?.(conversation, files, ask)
  const [found] = await history.conversations(files, ask, conversation)
  if (!found) return undefined
  const turns: {startedAt: string; endedAt: string; model?: string; usage?: Usage}[] = []
  let {state} = found.about ?? {}
  for await (const entry of history.transcript(found, files, ask)) {
    if (entry.type === 'about' && entry.about.state !== undefined) ({state} = entry.about)
    if (entry.type === 'about' || entry.type === 'end') continue
    const {at} = entry
    if (entry.type === 'text' && entry.role === 'user') turns.push({startedAt: at, endedAt: at})
    const turn = turns.at(-1)
    if (!turn) continue
    if (Date.parse(at) > Date.parse(turn.endedAt)) turn.endedAt = at
    if (entry.subAgent === undefined) turn.model = entry.model ?? turn.model
    if (entry.type !== 'call') continue
    turn.usage = addUsage(turn.usage, {
      input_tokens: entry.inputTokens,
      output_tokens: entry.outputTokens,
      cached_tokens: entry.cachedTokens,
      reasoning_tokens: entry.reasoningTokens,
    })
  }

  return {
    turns: turns.map((turn): RecordedTurn => ({...turn, usage: turn.usage && withTotal(turn.usage)})),
    state,
  }
}
