import type {Answer} from './answer.js'
import {hashOf} from './hashes.js'

/** What makes two requests the same one, sent twice. */
export interface RequestKey {
  readonly client: string
  readonly path: string
  /** As JSON. */
  readonly body: string
  /** Headers that say which conversation it is. */
  readonly conversation: string
  /** How often the client says to have sent it before (`x-stainless-retry-count`); absent: it does not say. */
  readonly retryCount?: number
}

/**
 * Remembers for some minutes what was asked, because official clients and other programs send a request again that has
 * failed: it gets the same answer, and no agent does the work twice.
 */
export class Retries {
  readonly #answers = new Map<string, Answer>()
  /** Those of which it is being decided where they belong. */
  readonly #beginning = new Map<string, Promise<Answer>>()

  /** The answer to the same request, where this one is a repetition of it; else the one that is begun. */
  async answer(key: RequestKey, begin: () => Promise<Answer>): Promise<Answer> {
    const name = hashOf(key.client, key.path, key.body, key.conversation)
    // A client that counts says with 0 that it asks anew.
    const isNew = key.retryCount === 0
    const again = isNew ? undefined : (this.#find(name, key, Date.now()) ?? this.#beginning.get(name))
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

  #find(name: string, {retryCount}: RequestKey, now: number): Answer | undefined {
    const answer = this.#answers.get(name)
    if (!answer) return undefined
    const isRetry = (retryCount ?? 0) > 0
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
