import {type Counts, countOf, type Parsed, type Shape} from 'clinvk-backend-sdk'

/** Counts of OpenAI's API: `input_tokens` holds the cached ones, `output_tokens` the reasoning. */
export const COUNTS = {
  input_tokens: 0,
  cached_input_tokens: 0,
  output_tokens: 0,
  reasoning_output_tokens: 0,
} as const

const ITEM = {
  id: '',
  type: '',
  status: '',
  // agent_message, reasoning
  text: '',
  // error: a warning, the turn goes on
  message: '',
  // command_execution
  command: '',
  aggregated_output: '',
  // file_change
  changes: [{path: '', kind: ''}],
  // mcp_tool_call
  server: '',
  tool: '',
  arguments: null,
  result: {content: [{text: ''}]},
  error: {message: ''},
  // web_search
  query: '',
  // todo_list
  items: [{text: '', completed: true}],
} as const

/** What codex 0.169 prints with `exec --json`, as far as clinvk reads it. */
export const MESSAGE = {
  // `thread.started`, `turn.started`, `item.started`, `item.completed`, `turn.completed`, `turn.failed`, `error`, …
  type: '',
  thread_id: '',
  item: ITEM,
  // turn.completed: the total of the whole thread
  usage: COUNTS,
  // turn.failed
  error: {message: ''},
  // error: an attempt that failed, or the same as in `turn.failed`
  message: '',
} as const satisfies Shape

export type Message = Parsed<typeof MESSAGE>
export type Item = Parsed<typeof ITEM>
export type TokenCounts = Parsed<typeof COUNTS>

const NAMES = Object.keys(COUNTS) as (keyof TokenCounts)[]

/** Those that are counts; undefined where none is. */
export function countsOf(told: TokenCounts = {}): TokenCounts | undefined {
  const counts = NAMES.map((name) => [name, countOf(told[name])] as const)
  return counts.every(([, count]) => count === undefined) ? undefined : Object.fromEntries(counts)
}

/** What is missing counts as 0. */
export function sum(all: readonly TokenCounts[]): Required<TokenCounts> {
  const total = (name: keyof TokenCounts) => all.reduce((total, counts) => total + (counts[name] ?? 0), 0)
  return Object.fromEntries(NAMES.map((name) => [name, total(name)])) as Required<TokenCounts>
}

/** What came on top of `base`; undefined when that cannot be, so that `base` is of something else. */
export function difference(total: TokenCounts, base: TokenCounts): TokenCounts | undefined {
  const rest = sum([total])
  for (const name of NAMES) rest[name] -= base[name] ?? 0
  return NAMES.some((name) => rest[name] < 0) ? undefined : rest
}

export function callOf(counts: TokenCounts): Counts {
  return {
    inputTokens: counts.input_tokens,
    cachedTokens: counts.cached_input_tokens,
    outputTokens: counts.output_tokens,
    reasoningTokens: counts.reasoning_output_tokens,
  }
}
