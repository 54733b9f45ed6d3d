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

  /** The answer to the same request, where this one is a repetition of it. */
  find(key: RequestKey, now: number): Answer | undefined {
    const answer = this.#answers.get(keyOf(key))
    const {retryCount} = key
    // A client that counts says with 0 that it asks anew.
    if (!answer || retryCount === 0) return undefined
    const {endedAt, hasStarted, result} = answer
    if (!result || endedAt === undefined) return answer
    const isRetry = (retryCount ?? 0) > 0
    if (!hasStarted || now - endedAt > REMEMBERED_MS) return undefined
    if (result.outcome === 'success') return isRetry ? answer : undefined
    const {resets_at: resetsAt} = result.error ?? {}
    if (resetsAt !== undefined && Date.parse(resetsAt) <= now) return undefined
    return isRetry || now - endedAt < REPEATED_MS ? answer : undefined
  }

  keep(key: RequestKey, answer: Answer): void {
    const name = keyOf(key)
    this.#answers.delete(name)
    this.#answers.set(name, answer)
    for (const [old, {endedAt}] of this.#answers) {
      const isOver = endedAt !== undefined && Date.now() - endedAt > REMEMBERED_MS
      if (isOver || (this.#answers.size > MOST_ANSWERS && endedAt !== undefined)) this.#answers.delete(old)
    }
  }
}

function keyOf({body, client, conversation, path}: RequestKey): string {
  return hashOf(client, path, body, conversation)
}

const REMEMBERED_MS = 10 * 60_000
/** Programs that do not say that they try again do it at once. */
const REPEATED_MS = 15_000
const MOST_ANSWERS = 100
