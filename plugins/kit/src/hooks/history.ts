import type {Json} from 'clinvk-contract'

/**
 * What other plugins ask the one that knows what agents have recorded: `history:conversations` gives the conversations
 * that agents had, `history:cost` what the model calls of a session are worth, `history:session` a summary of what was said;
 * `history:forget` removes what is kept of `sessions`, which were deleted.
 */
export interface ConversationsQuestion {
  /** Only those whose id begins so, looked up with the agents. Without it all that clinvk had no part in. */
  readonly prefix?: string
  /** Only what stands at the beginning of each is needed: of a long one the rest is not read. */
  readonly isBrief?: boolean
}

/** A conversation as its agent has recorded it. */
export interface AgentConversation {
  readonly backend: string
  /** The agent's own. */
  readonly id: string
  /** Absolute directory that the agent ran in. */
  readonly cwd?: string
  /** As the user or the agent has named it. */
  readonly title?: string
  /** The beginning of the first prompt, on one line. */
  readonly prompt?: string
  readonly model?: string
  /** ISO 8601. */
  readonly startedAt?: string
  readonly updatedAt?: string
  readonly turns: number
  readonly state?: Json
}

export interface CostQuestion {
  readonly session: string
  readonly backend: string
  /** The agent's own id of the conversation. */
  readonly conversation?: string
}

export interface Cost {
  /** US dollars, as far as it is known. */
  readonly usd?: number
  readonly source: 'reported' | 'computed' | 'unknown'
  /** Calls for which it is unknown; absent where there are none. */
  readonly unpriced_calls?: number
  /** For people: `$1.23`, `unknown`. */
  readonly text: string
}

/** Of a session, whose file `history:session` is given as `session`. */
export interface SessionHistory {
  /** Prompts and answers; absent where it takes too long to count them. */
  readonly messages?: number
  /** The beginning of the last answer, on one line. */
  readonly last_answer?: string
  /** Where the conversation is written down: clinvk's transcript, then the agent's own files. Absolute. */
  readonly records: readonly string[]
}
