import type {BackendEvent} from 'clinvk-contract'
import {formatNumber} from '../format/number.js'
import type {Stop} from './result.js'

/**
 * Ends a turn that used more tokens than it may. Agents report usage at the end of a model call, which may have been
 * the last one: they get a moment to finish by themselves, so that their answer and their own record are complete.
 */
export class TokenLimit {
  /** Set as soon as the limit is exceeded, also when the agent then finishes by itself. */
  exceeded: Stop | undefined
  readonly #end: (reason: Stop) => void
  readonly #limit: number
  readonly #title: string
  #timer: NodeJS.Timeout | undefined

  constructor(limit: number | undefined, title: string, end: (reason: Stop) => void) {
    this.#limit = limit ?? Infinity
    this.#title = title
    this.#end = end
  }

  check(event: BackendEvent): void {
    if (this.exceeded && STARTS_ANOTHER_CALL.has(event.type)) this.#end(this.exceeded)
    if (this.exceeded || event.type !== 'usage') return
    const {
      input_tokens: input = 0,
      output_tokens: output = 0,
      total_tokens: total = input + output,
    } = event.usage
    if (total <= this.#limit) return
    const stop: Stop = {
      kind: 'limit',
      message: `${this.#title} used ${formatNumber(total)} tokens; unified_flags.max_tokens is ${formatNumber(this.#limit)}.`,
    }
    this.exceeded = stop
    this.#timer = setTimeout(() => this.#end(stop), TIME_TO_FINISH_MS)
  }

  cancel(): void {
    clearTimeout(this.#timer)
  }
}

const STARTS_ANOTHER_CALL: ReadonlySet<BackendEvent['type']> = new Set([
  'text',
  'reasoning',
  'tool_call',
  'tool_result',
  'retry',
])
const TIME_TO_FINISH_MS = 1000
