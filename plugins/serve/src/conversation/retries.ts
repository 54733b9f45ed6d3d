import type {Answer} from './answer.js'

/**
 * Remembers for some minutes what was asked, because official clients and other programs send a request again that has
 * failed: it gets the same answer, and no agent does the work twice.
 */
export class Retries {
  readonly #answers = new Map<string, Answer>()
  /** Those of which it is being decided where they belong. */
  readonly #beginning = new Map<string, Promise<Answer>>()

  /**
   * The answer to the same request, where this one is a repetition of it; else the one that is begun. `name`: a hash of
   * what makes two requests the same. `count`: how often the client says to have sent it before; undefined: it does not say.
   */
  async answer(name: string, count: number | undefined, begin: () => Promise<Answer>): Promise<Answer> {
    // A client that counts says with 0 that it asks anew.
    const again = count === 0 ? undefined : (this.#find(name, count) ?? this.#beginning.get(name))
    if (again) return again
    const beginning = begin()
    this.#beginning.set(name, beginning)
    try {
      const answer = await beginning
      this.#keep(name, answer)
      return answer
    } finally {
      if (this.#beginning.get(name) === beginning) this.#beginning.delete(name)
    }
  }

  #find(name: string, count = 0): Answer | undefined {
    const answer = this.#answers.get(name)
    if (!answer) return undefined
    const isRetry = count > 0
    const now = Date.now()
    // Whoever has stopped it and asks once more wants an answer.
    if (answer.isCancelled && !isRetry) return undefined
    const {endedAt, hasStarted, result} = answer
    if (!result || endedAt === undefined) return answer
    if (!hasStarted || now - endedAt > REMEMBERED_MS) return undefined
    if (result.outcome === 'success') return isRetry ? answer : undefined
    const {resets_at: resetsAt} = result.error ?? {}
    if (resetsAt !== undefined && Date.parse(resetsAt) <= now) return undefined
    return isRetry || now - endedAt < REPEATED_MS ? answer : undefined
  }

  #keep(name: string, answer: Answer): void {
    this.#answers.delete(name)
    this.#answers.set(name, answer)
    for (const [old, {endedAt}] of this.#answers) {
      const isOver = endedAt !== undefined && Date.now() - endedAt > REMEMBERED_MS
      if (isOver || (this.#answers.size > MOST_ANSWERS && endedAt !== undefined)) this.#answers.delete(old)
    }
  }
}

const REMEMBERED_MS = 10 * 60_000
/** Programs that do not say that they try again do it at once. */
const REPEATED_MS = 15_000
const MOST_ANSWERS = 100
