import {type Counts, type Parsed, parseList, type Shape} from 'clinvk-backend-sdk'

/** Counts of the Messages API: `input_tokens` is what was neither written to nor read from the cache. */
export const COUNTS = {
  input_tokens: 0,
  output_tokens: 0,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
} as const
export const BLOCK = {
  type: '',
  text: '',
  thinking: '',
  // tool_use
  id: '',
  name: '',
  input: null,
  // tool_result: a text or blocks
  tool_use_id: '',
  content: null,
  is_error: true,
} as const

/**
 * What Claude Code 2.1 prints with `--output-format stream-json --verbose
 * --include-partial-messages`, as far as clinvk reads it.
 */
export const MESSAGE = {
  type: '',
  subtype: '',
  session_id: '',
  // Set on what a sub-agent says.
  parent_tool_use_id: '',
  // system/init
  model: '',
  claude_code_version: '',
  // system/api_retry; `error` is `authentication_failed`, `rate_limit`, `billing_error`, …; also on `assistant`
  attempt: 0,
  max_retries: 0,
  retry_delay_ms: 0,
  error_status: 0,
  error: '',
  // system/model_fallback
  original_model: '',
  fallback_model: '',
  // system/informational: what a hook says, for one
  content: '',
  prevent_continuation: true,
  // system/task_started, system/task_notification: `completed`, `failed`, `stopped`
  task_id: '',
  status: '',
  summary: '',
  // assistant, user
  message: {id: '', model: '', content: [BLOCK], usage: COUNTS},
  // stream_event: an event of the Messages API as it is
  event: {
    type: '',
    message: {id: '', model: '', usage: COUNTS},
    delta: {type: '', text: '', thinking: ''},
    usage: COUNTS,
  },
  rate_limit_info: {status: '', resetsAt: 0, rateLimitType: ''},
  // result
  is_error: true,
  api_error_status: 0,
  result: '',
  // With --json-schema, once the answer fits
  structured_output: null,
  terminal_reason: '',
  errors: [''],
  modelUsage: {'*': {inputTokens: 0, outputTokens: 0, cacheReadInputTokens: 0, cacheCreationInputTokens: 0}},
  total_cost_usd: 0,
  permission_denials: [{tool_name: '', tool_input: {'*': null}}],
} as const satisfies Shape

export type Message = Parsed<typeof MESSAGE>
export type Block = Parsed<typeof BLOCK>
export type StreamEvent = NonNullable<Message['event']>
export type TokenCounts = Parsed<typeof COUNTS>

export function callOf(counts: TokenCounts): Counts {
  const {cache_creation_input_tokens: written = 0, cache_read_input_tokens: cachedTokens} = counts
  const {input_tokens: sent, output_tokens: outputTokens} = counts
  const inputTokens = sent === undefined ? undefined : sent + written + (cachedTokens ?? 0)
  return {inputTokens, cachedTokens, outputTokens}
}

/**
 * All calls of a turn from `result.modelUsage`, side calls and those of sub-agents too, as one for each model.
 * `result.usage` misses calls that claude repeated without streaming (seen with 2.1.197).
 */
export function callsOfModels(models: Message['modelUsage'] = {}): Counts[] {
  return Object.entries(models).map(([model, told]) => {
    const {cacheCreationInputTokens: written = 0, cacheReadInputTokens: cachedTokens = 0} = told
    const {inputTokens: sent = 0, outputTokens} = told
    return {inputTokens: sent + written + cachedTokens, cachedTokens, outputTokens, model}
  })
}

/**
 * A prompt as claude takes it for text. One that begins with `/` is one of its commands, which never reaches the model:
 * `/cost of living` is answered "Unknown command" (seen with 2.1.197, in argv and stdin alike). And one that begins
 * like what claude writes in the user's name is not told from that in its record. A space makes it text.
 */
export function asPrompt(text: string): string {
  return NO_PROMPT.test(text) ? ` ${text}` : text
}

/** What `asPrompt` was given. */
export function promptOf(text: string): string {
  return text.startsWith(' ') && NO_PROMPT.test(text.slice(1)) ? text.slice(1) : text
}

/** What claude writes in the user's name without marking it: output of commands, interruptions, reminders. */
export const OWN_WORDS =
  /^(?:<(?:local-command|bash|command|task-notification|system-reminder)|\[Request interrupted by user)/
const NO_PROMPT = RegExp(`^ *(?:/|${OWN_WORDS.source.slice(1)})`)

/** The text of a tool's result, which may be of several parts, pictures among them. */
export function textOf(content: unknown): string {
  if (typeof content === 'string') return content
  return parseList(content, {text: ''})
    .map(({text = ''}) => text)
    .join('')
}
