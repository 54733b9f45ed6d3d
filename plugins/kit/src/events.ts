/**
 * What happens in a turn, in the terms of the field. `-o stream-json` prints
 * these, one JSON object a line, each with `time` (ISO 8601, UTC).
 */
export type TurnEvent =
  | SessionEvent
  | TextEvent
  | ReasoningEvent
  | ToolCallEvent
  | ToolResultEvent
  | UsageEvent
  | RetryEvent
  | RateLimitEvent
  | NoticeEvent
  | ErrorEvent
  | UnparsedEvent

/** The agent has told its own session id. Comes once a turn. */
export interface SessionEvent {
  type: 'session'
  backend_session_id: string
  model?: string
  /** The version that the agent reports of itself. */
  agent_version?: string
}

/** A piece of the answer. All pieces of a turn, joined without a separator, are its content. */
export interface TextEvent {
  type: 'text'
  text: string
}

/** A piece of the model's reasoning, where the agent shows it. */
export interface ReasoningEvent {
  type: 'reasoning'
  text: string
}

/** The agent uses a tool. */
export interface ToolCallEvent {
  type: 'tool_call'
  /** Pairs the call with its `tool_result`. */
  id: string
  name: string
  input: unknown
  /** What the tool works on, short, for a person: a path, a command. */
  target?: string
}

/** What a tool gave back. */
export interface ToolResultEvent {
  type: 'tool_result'
  id: string
  output: string
  is_error: boolean
}

/** Token usage of this turn so far: a running total, the last one counts. */
export interface UsageEvent {
  type: 'usage'
  usage: Usage
}

/** The agent tries a model call again. Not a sign of life: it does not reset `--idle-timeout`. */
export interface RetryEvent {
  type: 'retry'
  attempt: number
  max_attempts?: number
  delay_seconds?: number
  /** HTTP status of the failed call, where there was one. 401 and 403 end the turn. */
  status?: number
  message: string
}

/** The agent tells how much of its quota is left, or that it is used up. */
export interface RateLimitEvent {
  type: 'rate_limit'
  message: string
  /** When the quota is full again (ISO 8601). */
  resets_at?: string
}

/** Something a person should know that is no error. */
export interface NoticeEvent {
  type: 'notice'
  message: string
}

/** An error that the agent told. Whether the turn failed is said by `done`. */
export interface ErrorEvent {
  type: 'error'
  message: string
}

/** A line that the backend does not know. It is kept, never thrown away. */
export interface UnparsedEvent {
  type: 'unparsed'
  line: string
}

/**
 * Tokens. A missing field is unknown, which is not 0.
 *
 * - `input_tokens`: everything sent, cached included; `cached_tokens`: the part read from a cache
 * - `output_tokens`: everything answered, reasoning included; `reasoning_tokens`: that part
 * - `total_tokens`: input and output
 */
export interface Usage {
  input_tokens?: number
  output_tokens?: number
  cached_tokens?: number
  reasoning_tokens?: number
  total_tokens?: number
  /** The same by model, where the agent tells it. */
  models?: Record<string, Omit<Usage, 'models'>>
}

/** The agent asked for something and was not allowed to do it. */
export interface Denial {
  tool: string
  /** What it wanted to work on: a path, a command. */
  target?: string
  /** Flags of clinvk that would have allowed it, ready to be typed. */
  allow?: readonly string[]
}
