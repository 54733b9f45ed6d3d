import {parseLine, type Shape} from 'clinvk-backend-sdk'

/** What a line says; undefined for one that is no message. */
export function readMessage(line: string): Message | undefined {
  return parseLine(line, SHAPE) as Message | undefined
}

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

const COUNTS = {input_tokens: 0, output_tokens: 0, cache_creation_input_tokens: 0, cache_read_input_tokens: 0}
const BLOCK = {type: '', text: '', id: '', name: '', tool_use_id: '', is_error: true}
const SHAPE: Shape = {
  type: '',
  subtype: '',
  session_id: '',
  parent_tool_use_id: '',
  model: '',
  claude_code_version: '',
  attempt: 0,
  max_retries: 0,
  retry_delay_ms: 0,
  error_status: 0,
  error: '',
  original_model: '',
  fallback_model: '',
  task_id: '',
  status: '',
  summary: '',
  message: {id: '', model: '', content: [BLOCK], usage: COUNTS},
  event: {
    type: '',
    message: {id: '', model: '', usage: COUNTS},
    delta: {type: '', text: '', thinking: ''},
    usage: COUNTS,
  },
  rate_limit_info: {status: '', resetsAt: 0, rateLimitType: ''},
  is_error: true,
  api_error_status: 0,
  result: '',
  errors: [''],
  modelUsage: {
    '*': {inputTokens: 0, outputTokens: 0, cacheReadInputTokens: 0, cacheCreationInputTokens: 0},
  },
  permission_denials: [{tool_name: '', tool_use_id: '', tool_input: {}}],
}
