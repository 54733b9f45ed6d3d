import type {Conversation, ConversationRecord, Files, RecordedTurn} from 'clinvk-contract'
import type {TokenCounts} from './messages.js'
import {readTranscript, type TranscriptLine} from './transcript.js'
import {sum, usageOfCounts} from './usage.js'

/**
 * The turns of a conversation from claude's own file (2.1.197). What claude asks
 * a model for itself (a title, a summary of what is dropped) does not stand there.
 */
export async function record({id}: Conversation, files: Files): Promise<ConversationRecord | undefined> {
  const transcript = await readTranscript(id, files)
  if (!transcript) return undefined
  const turns = turnsOf(transcript.main)
  for (const line of transcript.subAgents) {
    turns.findLast(({startedAt}) => startedAt <= (line.timestamp ?? ''))?.take(line)
  }

  return {turns: turns.map((turn) => turn.recorded())}
}

/** A prompt begins a turn when claude answers it: commands such as `/model` are never answered. */
function turnsOf(lines: readonly TranscriptLine[]): CountedTurn[] {
  const turns = new Map<string, CountedTurn>()
  let prompt = {id: '', startedAt: ''}
  for (const line of lines) {
    if (line.type === 'user' && isPrompt(line)) {
      const id = line.promptId ?? line.uuid ?? ''
      if (id !== prompt.id) prompt = {id, startedAt: line.timestamp ?? ''}
    } else if (line.type === 'assistant') {
      const turn = turns.get(prompt.id) ?? new CountedTurn(prompt.startedAt)
      turns.set(prompt.id, turn)
      turn.take(line)
    }
  }

  return [...turns.values()]
}

function isPrompt({isCompactSummary, isMeta, isSidechain, toolUseResult}: TranscriptLine): boolean {
  return !isCompactSummary && !isMeta && !isSidechain && toolUseResult === undefined
}

class CountedTurn {
  readonly startedAt: string
  #endedAt: string
  #model: string | undefined
  /** By model call: each content block of an answer is a line of its own with the counts of the whole call. */
  readonly #calls = new Map<string, TokenCounts>()

  constructor(startedAt: string) {
    this.startedAt = startedAt
    this.#endedAt = startedAt
  }

  take({isSidechain, message, timestamp = '', type}: TranscriptLine): void {
    if (timestamp > this.#endedAt) this.#endedAt = timestamp
    // What claude says itself (an error, an interruption) is of no model.
    if (type !== 'assistant' || message?.model === undefined || message.model.startsWith('<')) return
    if (!isSidechain) this.#model = message.model
    if (message.id !== undefined && message.usage) this.#calls.set(message.id, message.usage)
  }

  recorded(): RecordedTurn {
    const usages = [...this.#calls.values()].map((counts) => usageOfCounts(counts))
    return {
      startedAt: this.startedAt,
      endedAt: this.#endedAt,
      ...(this.#model === undefined ? {} : {model: this.#model}),
      ...(usages.length === 0 ? {} : {usage: sum(usages)}),
    }
  }
}
