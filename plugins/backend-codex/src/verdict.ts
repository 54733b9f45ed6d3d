import {failed, readError} from 'clinvk-backend-sdk'
import type {RetryEvent, Verdict} from 'clinvk-contract'

/** A failure by codex's own words: it has neither codes nor kinds. An error 400 is told as the server's JSON. */
export function failure(said: string): Verdict {
  const {message, status} = readError(said)
  return failed(message, status ?? httpStatus(message))
}

/** A codex that ended without a last word: interrupted, crashed, or it did not even begin. */
export function withoutEnd(message: string): Verdict {
  return UNKNOWN_THREAD.test(message)
    ? {outcome: 'session', message: message.split('\n').at(-1)!}
    : failed(message, httpStatus(message))
}

/** Unknown, or held by another codex. */
const UNKNOWN_THREAD = /thread\/resume failed/
/** What codex says on standard error in every run, and its log. */
export const NOISE =
  /^(?:WARNING: proceeding|Reading (?:additional input|prompt) from stdin|\d{4}-\d\d-\d\dT\S+ )/

/**
 * An attempt that failed, told as an error: `Reconnecting... 2/5 (unexpected status 401 Unauthorized: …)`, or
 * `Reconnecting... waiting for network (Connection failed: …)`, without an end (seen with 0.169.0).
 */
export function retry(message: string, attempt: number): RetryEvent | undefined {
  if (!message.startsWith('Reconnecting...')) return undefined
  const [, count = attempt, most, reason = message] =
    /^Reconnecting\.\.\.\s+(?:(\d+)\/(\d+)|[^(]*)\s*(?:\(([^]*)\))?$/.exec(message) ?? []
  return {
    type: 'retry',
    attempt: Number(count),
    max_attempts: most === undefined ? undefined : Number(most),
    status: httpStatus(message),
    message: reason,
  }
}

/** `unexpected status 401 Unauthorized`, `last status: 429 Too Many Requests`. */
function httpStatus(message: string): number | undefined {
  const [, status] = /\b(?:unexpected|last) status:? (\d{3})\b/.exec(message) ?? []
  return status === undefined ? undefined : Number(status)
}
