import type {Usage} from './reply.js'

/** The sum of usages; zeros for none, and no reasoning where nobody told any. */
export function addUsage(usages: Usage[]): Usage {
  const sum: Usage = {input: 0, cacheRead: 0, cacheWrite: 0, output: 0}
  for (const usage of usages) {
    sum.input += usage.input
    sum.cacheRead += usage.cacheRead
    sum.cacheWrite += usage.cacheWrite
    sum.output += usage.output
    if (usage.reasoning !== undefined) sum.reasoning = (sum.reasoning ?? 0) + usage.reasoning
  }
  return sum
}
