import {countOf, type Parsed, type Shape} from 'clinvk-backend-sdk'

/** US dollars; 0 where opencode knows no price. Cached and reasoning tokens are not in the others. */
const USED = {cost: 0, tokens: {input: 0, output: 0, reasoning: 0, cache: {read: 0, write: 0}}} as const
const TIMES = {start: 0, end: 0} as const

/** A part of a message, printed or in the database: a text, a use of a tool, the end of a model call. */
export const PART = {
  id: '',
  messageID: '',
  type: '',
  // text, reasoning
  text: '',
  // Written by opencode in the name of the user.
  synthetic: true,
  time: TIMES,
  // tool
  tool: '',
  callID: '',
  state: {status: '', input: null, output: null, error: '', time: TIMES},
  // step-finish: of one model call
  reason: '',
  ...USED,
} as const

/** What the database has of a message besides its parts. */
export const INFO = {
  role: '',
  modelID: '',
  providerID: '',
  // Written to shorten the conversation.
  summary: true,
  finish: '',
  time: {completed: 0},
  ...USED,
} as const

/** What our plugin (`opencode-plugin.ts`) prints, `clinvk.…`, and `opencode run --format json` 1.18 itself. */
export const MESSAGE = {
  type: '',
  sessionID: '',
  part: PART,
  error: {name: '', data: {message: '', statusCode: 0}},
  // clinvk.session
  parentID: '',
  // clinvk.message: a model begins to answer, or opencode to make a summary, to shorten the conversation
  messageID: '',
  model: '',
  isSummary: true,
  // clinvk.delta: of a `text` or of `reasoning`
  partID: '',
  kind: '',
  delta: '',
  // clinvk.retry
  attempt: 0,
  message: '',
  delayMs: 0,
  // clinvk.asked: a sub-agent has asked for something
  permission: '',
  patterns: [''],
  // clinvk.disconnected: the provider of the model is not signed in
  provider: '',
} as const satisfies Shape

export type Message = Parsed<typeof MESSAGE>
export type Part = Parsed<typeof PART>
export type AgentError = NonNullable<Message['error']>

/** What was sent, answered and thought, read from a cache and written to it: each token once. Undefined where nothing was counted. */
export function numbersOf({tokens: {cache = {}, ...counts} = {}}: Parsed<typeof USED>): Numbers | undefined {
  const told = [counts.input, counts.output, counts.reasoning, cache.read, cache.write]
  const numbers = told.map((count) => countOf(count) ?? 0) as Numbers
  return numbers.every((count) => count === 0) ? undefined : numbers
}

type Numbers = [sent: number, answered: number, reasoning: number, read: number, written: number]

export function countsOf([sent, answered, reasoningTokens, cachedTokens, cacheWriteTokens]: Numbers) {
  const inputTokens = sent + cachedTokens + cacheWriteTokens
  return {
    inputTokens,
    cachedTokens,
    cacheWriteTokens,
    outputTokens: answered + reasoningTokens,
    reasoningTokens,
  }
}

/** What `plan` tells the plugin, in the variable CLINVK_OPENCODE. */
export interface PluginSettings {
  /** Of a new session. */
  readonly title?: string
  readonly maxTurns?: number
  /** US dollars. */
  readonly maxCost?: number
  readonly maxRetries?: number
  /** Variables that are clinvk's, as they were before; null when they were not set. */
  readonly restore?: Readonly<Record<string, string | null>>
}
