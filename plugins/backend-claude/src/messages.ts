/**
 * What Claude Code 2.1 prints with `--output-format stream-json --verbose
 * --include-partial-messages`, as far as clinvk reads it. Everything is
 * optional: agents change, and a missing field must not break a turn.
 */
export interface Message {
  type?: string
  subtype?: string
  session_id?: string
  /** Set on what a sub-agent says. */
  parent_tool_use_id?: string | null
  // system/init
  model?: string
  claude_code_version?: string
  // system/api_retry
  attempt?: number
  max_retries?: number
  retry_delay_ms?: number
  error_status?: number | null
  /** `authentication_failed`, `rate_limit`, `billing_error`, `server_error`, …; also on `assistant`. */
  error?: string
  // system/model_fallback
  original_model?: string
  fallback_model?: string
  // system/task_started, system/task_notification
  task_id?: string
  /** Of a task: `completed`, `failed`, `stopped`. */
  status?: string
  /** What a task is, in the agent's words. */
  summary?: string
  // assistant, user
  message?: {id?: string; model?: string; content?: string | Block[]; usage?: TokenCounts}
  // stream_event: an event of the Messages API as it is
  event?: StreamEvent
  // rate_limit_event
  rate_limit_info?: {status?: string; resetsAt?: number; rateLimitType?: string; utilization?: number}
  // result
  is_error?: boolean
  api_error_status?: number | null
  result?: string
  errors?: string[]
  usage?: TokenCounts
  modelUsage?: Record<string, ModelUsage>
  permission_denials?: {tool_name?: string; tool_use_id?: string; tool_input?: Record<string, unknown>}[]
}

export interface Block {
  type?: string
  text?: string
  // tool_use
  id?: string
  name?: string
  input?: unknown
  // tool_result
  tool_use_id?: string
  content?: string | Block[]
  is_error?: boolean
}

export interface StreamEvent {
  type?: string
  index?: number
  message?: {id?: string; model?: string; usage?: TokenCounts}
  delta?: {type?: string; text?: string; thinking?: string}
  usage?: TokenCounts
}

/** Counts of the Messages API: `input_tokens` is what was neither written to nor read from the cache. */
export interface TokenCounts {
  input_tokens?: number
  output_tokens?: number
  cache_creation_input_tokens?: number
  cache_read_input_tokens?: number
}

export interface ModelUsage {
  inputTokens?: number
  outputTokens?: number
  cacheReadInputTokens?: number
  cacheCreationInputTokens?: number
}
