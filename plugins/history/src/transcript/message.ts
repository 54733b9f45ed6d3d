import type {Denial, ModelCall, Usage} from 'clinvk-contract'
import type {Outcome} from 'clinvk-kit/errors/failure'
import {titleFrom} from 'clinvk-plugin-sessions/view/labels'

/** One message of a transcript, as `sessions log --json` prints it. */
export type Message = MessageDetails &
  (
    | {type: 'text' | 'reasoning'; role: 'user' | 'assistant'; text: string}
    | {type: 'tool_call'; role: 'assistant'; call_id: string; name: string; input: unknown; target?: string}
    | {type: 'tool_result'; role: 'tool'; call_id: string; output: string; is_error: boolean}
  )

interface MessageDetails {
  /** Unique in the transcript, the same at every reading as long as the source stays the same. */
  id: string
  /** Of the turn, from 1. */
  turn: number
  /** ISO 8601. */
  at: string
  model?: string
  /** The sub-agent that said it. */
  sub_agent?: string
  /** Who wrote it down: clinvk while the turn ran, or the agent in its own record. */
  source: 'clinvk' | 'agent'
}

/** A prompt and all that came of it. */
export interface TranscriptTurn {
  /** From 1. */
  readonly number: number
  /** ISO 8601. */
  readonly startedAt: string
  readonly endedAt: string
  /** The prompt first. */
  readonly messages: readonly Message[]
  /** Known of turns that clinvk ran. */
  readonly outcome?: Outcome
  /** Why it did not succeed. */
  readonly error?: string
  readonly denials?: readonly Denial[]
  /** As the agent has recorded them, those of sub-agents too. */
  readonly calls: readonly ModelCall[]
  /** What the agent reported to clinvk of a turn whose calls are not recorded. */
  readonly usage?: Usage
  /** The model of that usage, as far as clinvk knows it. */
  readonly model?: string
}

/** The beginning of what the user asked, on one line. */
export function promptOf({messages}: Pick<TranscriptTurn, 'messages'>): string | undefined {
  const first = messages.find((message) => message.type === 'text' && message.role === 'user')
  return first?.type === 'text' ? titleFrom(first.text) : undefined
}
