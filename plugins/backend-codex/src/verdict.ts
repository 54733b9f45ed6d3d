import {endedEarly, failureOf, lastLines, parseLine} from 'clinvk-backend-sdk'
import type {AgentExit, BackendEvent, Verdict} from 'clinvk-contract'

/** A failure by codex's own words: it has neither codes nor kinds. An error 400 is told as the server's JSON. */
export function failure(said: string): Verdict {
  const message = parseLine(said, {error: {message: ''}})?.error?.message ?? said
  const status = failureOf(httpStatus(message))
  if (status === 'auth' || SIGNED_OUT.test(message)) return {outcome: 'auth', message}
  if (status === 'rate_limit' || RATE_LIMIT.test(message))
    return {outcome: 'rate_limit', message, resetsAt: resetTime(message, new Date())}
  return {outcome: 'failed', message}
}

/** A codex that ended without a last word: interrupted, crashed, or it did not even begin. */
export function withoutEnd(exit: AgentExit): Verdict {
  const said = lastLines(exit.stderr, NOISE)
  if (UNKNOWN_THREAD.test(said)) return {outcome: 'session', message: said.split('\n').at(-1)!}
  return {outcome: SIGNED_OUT.test(said) ? 'auth' : 'failed', message: endedEarly('codex', exit, said)}
}

const SIGNED_OUT =
  /Missing environment variable|Not logged in|(?:sign|log) in again|could not be refreshed|codex login/i
const RATE_LIMIT = /usage limit|rate limit|quota exceeded|out of credits|credit limit/i
/** Unknown, or held by another codex. */
const UNKNOWN_THREAD = /thread\/resume failed/
/** What codex says on standard error in every run, and its log. */
const NOISE = /^(?:WARNING: proceeding|Reading (?:additional input|prompt) from stdin|\d{4}-\d\d-\d\dT\S+ )/

/**
 * An attempt that failed, told as an error: `Reconnecting... 2/5 (unexpected status 401 Unauthorized: …)`, or
 * `Reconnecting... waiting for network (Connection failed: …)`, without an end (seen with 0.169.0).
 */
export function retry(message: string, attempt: number): BackendEvent | undefined {
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

/**
 * When a limit ends, from codex's own words: `try again at 3:06 PM.` (today,
 * local time), `try again at Nov 24th, 2026 3:06 PM.`, `try again in 1.5s`.
 */
export function resetTime(message: string, now: Date): string | undefined {
  const [, amount, unit = ''] = /try again in (\d+(?:\.\d+)?) ?(ms|s|m|h|d)/i.exec(message) ?? []
  if (amount !== undefined)
    return new Date(now.getTime() + Number(amount) * UNITS[unit.toLowerCase()]!).toISOString()
  const [, date = now.toDateString(), time] =
    /try again at (?:([A-Z][a-z]+ \d+(?:st|nd|rd|th), \d{4}) )?(\d{1,2}:\d\d [AP]M)/.exec(message) ?? []
  if (time === undefined) return undefined
  const at = new Date(`${date.replace(/(\d)(?:st|nd|rd|th)/, '$1')} ${time}`)
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString()
}

const UNITS: Record<string, number> = {ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000}
