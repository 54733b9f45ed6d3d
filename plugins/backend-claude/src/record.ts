import {basename, sep} from 'node:path'
import {parseLines} from 'clinvk-backend-sdk'
import type {Conversation, ConversationRecord, Files, RecordedTurn} from 'clinvk-contract'
import type {TokenCounts} from './messages.js'
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
      model: this.#model,
      usage: usages.length === 0 ? undefined : sum(usages),
    }
  }
}

/** A line of claude's own file of a conversation (seen with 2.1.197), as far as clinvk reads it. */
export interface TranscriptLine {
  type?: string
  uuid?: string
  /** The same for all that follows from one prompt. */
  promptId?: string
  /** ISO 8601. */
  timestamp?: string
  /** Said by a sub-agent. */
  isSidechain?: boolean
  /** Written by claude itself in the user's name. */
  isMeta?: boolean
  isCompactSummary?: boolean
  /** Of a `user` line that is no prompt but what a tool gave back. */
  toolUseResult?: unknown
  message?: {id?: string; model?: string; usage?: TokenCounts}
}

/** `projects/<directory>/<id>.jsonl`, and for each sub-agent a file in `projects/<directory>/<id>/subagents`. */
export interface Transcript {
  readonly main: readonly TranscriptLine[]
  readonly subAgents: readonly TranscriptLine[]
}

/** Undefined when claude has no such conversation. */
export async function readTranscript(id: string, files: Files): Promise<Transcript | undefined> {
  const paths = (await files.list('projects')).filter((path) => path.endsWith('.jsonl'))
  const main = paths.filter((path) => basename(path) === `${id}.jsonl`)
  if (main.length === 0) return undefined
  const subAgents = paths.filter((path) => path.includes(`${sep}${id}${sep}subagents${sep}`))
  return {main: await readLines(main, files), subAgents: await readLines(subAgents, files)}
}

async function readLines(paths: readonly string[], files: Files): Promise<TranscriptLine[]> {
  const texts = await Promise.all(paths.map((path) => files.read(path)))
  return texts.flatMap((text) => parseLines<TranscriptLine>(text, (line) => USED.test(line)))
}

const USED = /"type":"(?:user|assistant)"/
