import type {
  Ask, Backend, Conversation, ConversationRecord, Files, ModelCall, RecordedTurn, Usage,
} from 'clinvk-contract' // prettier-ignore

/** The turns of a conversation by the agent's own record; undefined when there is none, or none that can be read. */
export async function recordedTurns(
  backend: Backend,
  conversation: Conversation,
  files: Files,
  ask: Ask,
): Promise<ConversationRecord | undefined> {
  if (!backend.history) return backend.record?.(conversation, files, ask)
  const [found] = await backend.history.conversations(files, ask, conversation)
  if (!found) return undefined
  const turns: {startedAt: string; endedAt: string; model?: string; calls: ModelCall[]}[] = []
  let {state} = found.about ?? {}
  for await (const entry of backend.history.transcript(found, files, ask)) {
    if (entry.type === 'about') {
      state = entry.about.state === undefined ? state : entry.about.state
      continue
    }

    if (entry.type === 'end') continue
    const {at} = entry
    if (entry.type === 'text' && entry.role === 'user') turns.push({startedAt: at, endedAt: at, calls: []})
    const turn = turns.at(-1)
    if (!turn) continue
    if (Date.parse(at) > Date.parse(turn.endedAt)) turn.endedAt = at
    if (entry.subAgent === undefined) turn.model = entry.model ?? turn.model
    if (entry.type === 'call') turn.calls.push(entry)
  }

  return {
    turns: turns.map(({calls, ...turn}): RecordedTurn => ({...turn, usage: usageOfCalls(calls)})),
    state,
  }
}

/** A count that no call has is unknown. */
function usageOfCalls(calls: readonly ModelCall[]): Usage | undefined {
  if (calls.length === 0) return undefined
  const sum = (field: 'inputTokens' | 'outputTokens' | 'cachedTokens' | 'reasoningTokens') => {
    const known = calls.flatMap((call) => call[field] ?? [])
    return known.length === 0 ? undefined : known.reduce((total, count) => total + count, 0)
  }
  const [input, output] = [sum('inputTokens'), sum('outputTokens')]
  const counts = {
    input_tokens: input,
    output_tokens: output,
    cached_tokens: sum('cachedTokens'),
    reasoning_tokens: sum('reasoningTokens'),
    total_tokens: input === undefined || output === undefined ? undefined : input + output,
  }
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== undefined))
}
