import type {Json, Usage} from 'clinvk-contract'
import type {TokenCounts} from './messages.js'

const FIELDS = ['input_tokens', 'cached_input_tokens', 'output_tokens', 'reasoning_output_tokens'] as const

/** In clinvk's terms. */
export function usageOf(counts: TokenCounts): Usage {
  const {
    cached_input_tokens: cached,
    input_tokens: input,
    output_tokens: output,
    reasoning_output_tokens: reasoning,
  } = counts
  return {
    input_tokens: input,
    output_tokens: output,
    cached_tokens: cached,
    reasoning_tokens: reasoning,
    total_tokens: input === undefined || output === undefined ? undefined : input + output,
  }
}

export function sum(all: readonly TokenCounts[]): TokenCounts {
  return combine((field) => all.reduce((total, counts) => total + (counts[field] ?? 0), 0))
}

/** What came on top of `base`; undefined when that cannot be, so that `base` is none. */
export function difference(total: TokenCounts, base: TokenCounts): TokenCounts | undefined {
  const rest = combine((field) => (total[field] ?? 0) - (base[field] ?? 0))
  return FIELDS.some((field) => rest[field]! < 0) ? undefined : rest
}

function combine(count: (field: (typeof FIELDS)[number]) => number): TokenCounts {
  return Object.fromEntries(FIELDS.map((field) => [field, count(field)]))
}

/** The thread's total at the end of its last turn, as the session keeps it. */
export function totalInState(state: Json | undefined): TokenCounts | undefined {
  if (typeof state !== 'object' || state === null || !('total' in state)) return undefined
  const {total} = state
  return typeof total === 'object' && total !== null ? (total as TokenCounts) : undefined
}
