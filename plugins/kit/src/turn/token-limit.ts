import type {BackendEvent} from 'clinvk-contract'
import {formatNumber} from '../format/number.js'
import type {Stop} from './execute.js'

/**
 * Ends a turn that has used more tokens than it may. Usage is told at the end of
 * a model call, and that may have been the last one: the agent has a moment to
 * finish by itself, so that its answer and its own record are whole.
 */
export class TokenLimit {
  /** Set as soon as the limit is passed, also when the agent has finished by itself. */
  reached: Stop | undefined
  readonly #end: (reason: Stop) => void
  readonly #limit: number
  readonly #title: string
  #timer: NodeJS.Timeout | undefined

  constructor(limit: number | undefined, title: string, end: (reason: Stop) => void) {
    this.#limit = limit ?? Infinity
    this.#title = title
    this.#end = end
  }

  take(event: BackendEvent): void {
    if (this.reached && GOES_ON.has(event.type)) this.#end(this.reached)
    if (this.reached || event.type !== 'usage') return
    const {
      input_tokens: input = 0,
      output_tokens: output = 0,
      total_tokens: total = input + output,
    } = event.usage
    if (total <= this.#limit) return
    const reached: Stop = {
      kind: 'limit',
      message: `${this.#title} used ${formatNumber(total)} tokens; unified_flags.max_tokens is ${formatNumber(this.#limit)}.`,
    }
    this.reached = reached
    this.#timer = setTimeout(() => this.#end(reached), MOMENT_MS)
  }

  close(): void {
    clearTimeout(this.#timer)
  }
}

/** Events of an agent that has begun something further. */
const GOES_ON: ReadonlySet<BackendEvent['type']> = new Set([
  'text',
  'reasoning',
  'tool_call',
  'tool_result',
  'retry',
])
const MOMENT_MS = 1000
