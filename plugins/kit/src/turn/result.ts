import type {Denial, Usage} from 'clinvk-contract'
import type {FailureKind, Outcome} from '../outcome.js'

/**
 * A finished turn: what `-o json` prints and the `done` event holds
 * (`docs/reference/json.md`). Fields are only ever added.
 */
export interface TurnResult {
  /** Ours, usable in every command; absent when ephemeral. */
  session_id?: string
  backend?: string
  /** The agent's own id, as far as it has told one. */
  backend_session_id?: string
  /** The model that really answered. */
  model?: string
  /** The answer: every `text` event, joined. */
  content: string
  outcome: Outcome
  error?: TurnError
  exit_code: number
  /** Of the agent's process; absent when it did not run or died by a signal. */
  backend_exit_code?: number
  duration_seconds: number
  usage?: Usage
  denials: readonly Denial[]
  working_dir?: string
  /** Only ever false: the session of this turn could not be written. */
  session_saved?: false
}

export interface TurnError {
  kind: FailureKind
  message: string
  /** What to do next, one sentence or command each. */
  hints?: readonly string[]
  /** When a rate limit ends (ISO 8601). */
  resets_at?: string
}
