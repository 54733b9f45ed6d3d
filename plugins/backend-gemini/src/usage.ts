import type {Usage} from 'clinvk-contract'
import type {Counts, Stats} from './messages.js'
import type {StoredMessage} from './session-file.js'

/**
 * The usage of a turn: every model call of the process, also the one by which
 * gemini chooses a model when none is named. Undefined when nothing was counted;
 * gemini tells zeros for a call that failed.
 */
export function usageOf(stats: Stats | undefined): Usage | undefined {
  if (!stats?.total_tokens) return undefined
  const models = Object.entries(stats.models ?? {})
    .filter(([, {total_tokens: total = 0}]) => total > 0)
    .map(([name, counts]) => [name, usageOfCounts(counts)] as const)
  return {...usageOfCounts(stats), ...(models.length === 0 ? {} : {models: Object.fromEntries(models)})}
}

/** The sum of what gemini has written down with its answers; undefined when it has nothing. */
export function usageOfMessages(answers: readonly StoredMessage[]): Usage | undefined {
  const counted = answers.flatMap(({tokens}) => tokens ?? [])
  if (counted.length === 0) return undefined
  const sum = (field: 'input' | 'output' | 'cached' | 'thoughts') =>
    counted.reduce((total, tokens) => total + (tokens[field] ?? 0), 0)
  const reasoning = sum('thoughts')
  const output = sum('output') + reasoning
  return {
    input_tokens: sum('input'),
    output_tokens: output,
    cached_tokens: sum('cached'),
    reasoning_tokens: reasoning,
    total_tokens: sum('input') + output,
  }
}

function usageOfCounts({cached = 0, input_tokens: input = 0, output_tokens: output = 0, ...counts}: Counts) {
  const reasoning = Math.max(0, (counts.total_tokens ?? 0) - input - output)
  return {
    input_tokens: input,
    output_tokens: output + reasoning,
    cached_tokens: cached,
    reasoning_tokens: reasoning,
    total_tokens: input + output + reasoning,
  }
}
