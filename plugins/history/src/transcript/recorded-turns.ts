import type {ConversationAbout, ModelCall, TranscriptEntry, TranscriptMessage} from 'clinvk-contract'
import type {Turn} from './join.js'
import type {Message} from './message.js'

/** The turns of an agent's record: each prompt of the user begins one; what comes before the first belongs to it. */
export async function* recordedTurns(
  entries: AsyncIterable<TranscriptEntry>,
  onAbout?: (about: ConversationAbout) => void,
): AsyncGenerator<Turn> {
  let turn: OpenTurn | undefined
  for await (const entry of entries) {
    if (entry.type === 'about') {
      onAbout?.(entry.about)
      continue
    }

    if (entry.type === 'end') continue
    const isPrompt = entry.type === 'text' && entry.role === 'user' && entry.subAgent === undefined
    if (isPrompt && turn?.prompt !== undefined) {
      yield turn
      turn = undefined
    }

    // A time that is none must not move a turn to another place.
    const at = Number.isNaN(Date.parse(entry.at)) ? (turn?.endedAt ?? EPOCH) : entry.at
    turn ??= {startedAt: at, endedAt: at, messages: [], calls: []}
    if (at > turn.endedAt) turn.endedAt = at
    if (isPrompt) turn.prompt = entry.text
    if (entry.type === 'call') turn.calls.push(entry)
    else turn.messages.push(messageOf(entry, at))
  }

  if (turn) yield turn
}

interface OpenTurn extends Turn {
  endedAt: string
  prompt?: string
  readonly messages: Message[]
  readonly calls: ModelCall[]
}

/** Written out: for the many messages of all conversations, to spread what they share would take a tenth of the time of all. */
function messageOf(entry: TranscriptMessage, at: string): Message {
  const {id, model, subAgent: sub_agent} = entry
  const turn = 0
  const source = 'agent'
  switch (entry.type) {
    case 'text': {
      const {role, text} = entry
      return {id, turn, at, model, sub_agent, source, type: 'text', role, text}
    }

    case 'reasoning': {
      const {text} = entry
      return {id, turn, at, model, sub_agent, source, type: 'reasoning', role: 'assistant', text}
    }

    case 'tool_call': {
      const {callId: call_id, input, name, target, type} = entry
      return {id, turn, at, model, sub_agent, source, type, role: 'assistant', call_id, name, input, target}
    }

    case 'tool_result': {
      const {callId: call_id, isError: is_error, output, type} = entry
      return {id, turn, at, model, sub_agent, source, type, role: 'tool', call_id, output, is_error}
    }
  }
}

const EPOCH = '1970-01-01T00:00:00.000Z'
