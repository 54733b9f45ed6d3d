import type {AgentExit, Verdict} from 'clinvk-contract'
import {resetTime} from './reset-time.js'
import {httpStatus} from './retry.js'

/** A failure by codex's own words: it has neither codes nor kinds. */
export function failure(said: string): Verdict {
  const message = readable(said)
  const status = httpStatus(message)
  if (status === 401 || status === 403 || SIGNED_OUT.test(message)) return {outcome: 'auth', message}
  if (status === 429 || RATE_LIMIT.test(message)) {
    const resetsAt = resetTime(message, new Date())
    return {outcome: 'rate_limit', message, ...(resetsAt === undefined ? {} : {resetsAt})}
  }

  return {outcome: 'failed', message}
}

/** A codex that ended without a last word: interrupted, crashed, or it did not even begin. */
export function withoutEnd({code, signal, stderr}: AgentExit): Verdict {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '' && !NOISE.test(line))
  const said = lines.slice(-5).join('\n')
  if (UNKNOWN_THREAD.test(said)) return {outcome: 'session', message: lines.at(-1)!}
  const how = signal === undefined ? `with exit code ${code ?? 'unknown'}` : `by signal ${signal}`
  const message = `codex ended ${how}${said === '' ? ' before its turn was complete.' : `: ${said}`}`
  return SIGNED_OUT.test(said) ? {outcome: 'auth', message} : {outcome: 'failed', message}
}

/** An error 400 is told as the server's JSON, in a string. */
function readable(message: string): string {
  if (!message.startsWith('{')) return message
  try {
    const {error} = JSON.parse(message) as {error?: {message?: unknown}}
    return typeof error?.message === 'string' ? error.message : message
  } catch {
    return message
  }
}

const SIGNED_OUT =
  /Missing environment variable|Not logged in|(?:sign|log) in again|could not be refreshed|codex login/i
const RATE_LIMIT = /usage limit|rate limit|quota exceeded|out of credits|credit limit/i
/** Unknown, or held by another codex. */
const UNKNOWN_THREAD = /thread\/resume failed/
/** What codex says on standard error in every run, and its log. */
const NOISE = /^(?:WARNING: proceeding|Reading (?:additional input|prompt) from stdin|\d{4}-\d\d-\d\dT\S+ )/
