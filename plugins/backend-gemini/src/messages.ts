import {type Counts, type Parsed, type Shape, usageOfCalls} from 'clinvk-backend-sdk'
import type {Usage} from 'clinvk-contract'

/** Tokens of this process. `input_tokens` holds the cached ones, `total_tokens` also reasoning, which stands nowhere else. */
const COUNTS = {total_tokens: 0, input_tokens: 0, output_tokens: 0, cached: 0} as const

/** What Gemini CLI 0.61 prints with `--output-format stream-json`, as far as clinvk reads it. */
export const MESSAGE = {
  type: '',
  // init
  session_id: '',
  model: '',
  // message
  role: '',
  content: '',
  // tool_use, tool_result
  tool_id: '',
  tool_name: '',
  parameters: {'*': null},
  output: '',
  // error
  severity: '',
  message: '',
  // tool_result, result
  status: '',
  error: {type: '', message: ''},
  // result
  stats: {...COUNTS, models: {'*': COUNTS}},
} as const satisfies Shape

export type Message = Parsed<typeof MESSAGE>

/**
 * A text, changed so that gemini takes it for a prompt or an answer. A prompt that begins with `/` may be one of its
 * commands, which never reach the model. One that begins with `/`, `?` or a context, white space aside, is left out when
 * gemini 0.61.0 resumes the conversation (`isIgnoredUserContent`). Others look like what gemini itself writes for the
 * user and the model. A character without width in front prevents all of this.
 */
export function asSaid(text: string): string {
  return NOT_SAID.test(text) ? MARK + text : text
}

/** What `asSaid` was given. */
export function saidOf(text: string): string {
  return text.startsWith(MARK) && NOT_SAID.test(text.slice(1)) ? text.slice(1) : text
}

/** What gemini writes for the user: a summary, and a request to go on. `AGREED`: the answer that it writes to a summary. */
export const OWN_WORDS =
  /^\s*(?:<scratchpad>|<state_snapshot>|Please continue\.$|System: Potential loop detected\.)/
export const AGREED = 'Got it. Thanks for the additional context!'
const MARK = '\u200B'
const NOT_SAID = RegExp(
  `^${MARK}*(?:\\s*(?:[/?]|<session_context>|<hook_context>)|${OWN_WORDS.source.slice(1)}|${AGREED}$)`,
)

/**
 * The usage of a turn: every model call of the process, also the one by which gemini chooses a model when
 * none is named. Undefined when nothing was counted; gemini tells zeros for a call that failed.
 */
export function usageOfStats(stats: Message['stats']): Usage | undefined {
  if (!stats?.total_tokens) return undefined
  const models = Object.entries(stats.models ?? {}).filter(([, counts]) => counts.total_tokens)
  const calls = models.map(([model, counts]) => ({...callOf(counts), model}))
  return {...usageOfCalls(calls), ...usageOfCalls([callOf(stats)])}
}

function callOf(counts: Parsed<typeof COUNTS>): Counts {
  const {cached, input_tokens: inputTokens = 0, output_tokens: output = 0, total_tokens: total = 0} = counts
  const reasoningTokens = Math.max(0, total - inputTokens - output)
  return {inputTokens, outputTokens: output + reasoningTokens, cachedTokens: cached, reasoningTokens}
}
