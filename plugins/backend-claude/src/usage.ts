import type {Usage} from 'clinvk-contract'
import type {ModelUsage, TokenCounts} from './messages.js'

/**
 * The usage of a whole turn from `result.modelUsage`: every model call, side
 * calls and sub-agents too. `result.usage` misses calls that claude repeated
 * without streaming (seen with 2.1.197). Empty when no call was answered.
 */
export function usageOfModels(models: Record<string, ModelUsage> | undefined): Usage | undefined {
  const byModel = Object.entries(models ?? {}).map(
    ([name, count]) =>
      [
        name,
        usageOfCounts({
          input_tokens: count.inputTokens ?? 0,
          output_tokens: count.outputTokens ?? 0,
          cache_creation_input_tokens: count.cacheCreationInputTokens ?? 0,
          cache_read_input_tokens: count.cacheReadInputTokens ?? 0,
        }),
      ] as const,
  )
  if (byModel.length === 0) return undefined
  return {...sum(byModel.map(([, usage]) => usage)), models: Object.fromEntries(byModel)}
}

/** In clinvk's terms: `input_tokens` holds everything sent, cached or not. */
export function usageOfCounts(counts: TokenCounts): Usage {
  const {cache_creation_input_tokens: written = 0, cache_read_input_tokens: cached = 0} = counts
  const input = (counts.input_tokens ?? 0) + written + cached
  const output = counts.output_tokens ?? 0
  return {input_tokens: input, output_tokens: output, cached_tokens: cached, total_tokens: input + output}
}

/** The sum of usages whose fields are all known. */
export function sum(usages: readonly Usage[]): Usage {
  const add = (field: 'input_tokens' | 'output_tokens' | 'cached_tokens' | 'total_tokens') =>
    usages.reduce((total, usage) => total + (usage[field] ?? 0), 0)
  return {
    input_tokens: add('input_tokens'),
    output_tokens: add('output_tokens'),
    cached_tokens: add('cached_tokens'),
    total_tokens: add('total_tokens'),
  }
}
