import type {Usage} from 'clinvk-contract'
import type {Tokens} from './lines.js'

/** Adds up model calls. */
export class Counter {
  readonly #models = new Map<string, Required<Counts>>()

  /** The turn so far; undefined before the first call has been counted. */
  get usage(): Usage | undefined {
    if (this.#models.size === 0) return undefined
    const named = [...this.#models].filter(([model]) => model !== '')
    return {
      ...usageOf([...this.#models.values()].reduce((a, b) => sum(a, b))),
      ...(named.length === 0
        ? {}
        : {models: Object.fromEntries(named.map(([model, counts]) => [model, usageOf(counts)]))}),
    }
  }

  /** Gives whether there was anything to count. */
  add(model: string | undefined, {cache, input = 0, output = 0, reasoning = 0}: Tokens): boolean {
    const counts = {input, output, reasoning, read: cache?.read ?? 0, write: cache?.write ?? 0}
    if (Object.values(counts).every((count) => count === 0)) return false
    const before = this.#models.get(model ?? '')
    this.#models.set(model ?? '', before ? sum(before, counts) : counts)
    return true
  }
}

export interface Counts {
  readonly input: number
  readonly output: number
  readonly reasoning: number
  readonly read: number
  readonly write: number
}

/** opencode counts each token once: cached ones are not in its input, reasoning is not in its output. */
export function usageOf({input, output, read, reasoning, write}: Counts): Usage {
  const sent = input + read + write
  const answered = output + reasoning
  return {
    input_tokens: sent,
    output_tokens: answered,
    cached_tokens: read,
    reasoning_tokens: reasoning,
    total_tokens: sent + answered,
  }
}

function sum(a: Counts, b: Counts): Counts {
  return {
    input: a.input + b.input,
    output: a.output + b.output,
    reasoning: a.reasoning + b.reasoning,
    read: a.read + b.read,
    write: a.write + b.write,
  }
}
