import type {Answer} from './answer.js'

/**
 * Remembers for some minutes what was asked, because official clients and other programs send a request again that has
 * failed: it gets the same answer, and no agent does the work twice.
 */
export class Retries {
  /** By a hash of what makes two requests the same. Without an answer as long as it is not known where they belong. */
  readonly #asked = new Map<string, {readonly beginning: Promise<Answer>; answer?: Answer}>()

  /**
   * The answer to the same request, where this one is a repetition of it; else the one that is begun. `count`: how often
   * the client says to have sent it before; undefined: it does not say.
   */
  async answer(name: string, count: number | undefined, begin: () => Promise<Answer>): Promise<Answer> {
    const before = this.#asked.get(name)
    // A client that counts says with 0 that it asks anew.
    if (before && count !== 0 && (!before.answer || isRepeated(before.answer, count))) return before.beginning
    const asked: {readonly beginning: Promise<Answer>; answer?: Answer} = {beginning: begin()}
    this.#asked.delete(name)
    this.#asked.set(name, asked)
    try {
      asked.answer = await asked.beginning
    } catch (error) {
      if (this.#asked.get(name) === asked) this.#asked.delete(name)
      throw error
    }
    for (const [old, {answer}] of this.#asked) {
      if (answer?.endedAt === undefined) continue
      if (this.#asked.size > MOST_ANSWERS || Date.now() - answer.endedAt > REMEMBERED_MS)
        this.#asked.delete(old)
    }
    return asked.answer
  }
}

/** Whether a request gets the answer of the same one before. */
function isRepeated({endedAt, hasStarted, isCancelled, result}: Answer, count = 0): boolean {
  const isRetry = count > 0
  // Whoever has stopped it and asks once more wants an answer.
  if (isCancelled && !isRetry) return false
  if (!result || endedAt === undefined) return true
  const age = Date.now() - endedAt
  if (!hasStarted || age > REMEMBERED_MS) return false
  if (result.outcome === 'success') return isRetry
  const {resets_at: resetsAt} = result.error ?? {}
  if (resetsAt !== undefined && Date.parse(resetsAt) <= Date.now()) return false
  return isRetry || age < REPEATED_MS
}

const REMEMBERED_MS = 10 * 60_000
/** Programs that do not say that they try again do it at once. */
const REPEATED_MS = 15_000
const MOST_ANSWERS = 100
