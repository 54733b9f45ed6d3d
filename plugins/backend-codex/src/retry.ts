import type {BackendEvent} from 'clinvk-contract'

/**
 * An attempt that failed, told as an error: `Reconnecting... 2/5 (unexpected
 * status 401 Unauthorized: …)`, or `Reconnecting... waiting for network
 * (Connection failed: …)`, without an end (seen with 0.169.0).
 */
export function retry(message: string, attempt: number): BackendEvent | undefined {
  const [, count, most, reason] =
    /^Reconnecting\.\.\.\s+(?:(\d+)\/(\d+)|[^(]*)\s*(?:\(([^]*)\))?$/.exec(message) ?? []
  if (!message.startsWith('Reconnecting...')) return undefined
  const status = httpStatus(message)
  return {
    type: 'retry',
    attempt: count === undefined ? attempt : Number(count),
    ...(most === undefined ? {} : {max_attempts: Number(most)}),
    ...(status === undefined ? {} : {status}),
    message: reason ?? message,
  }
}

/** `unexpected status 401 Unauthorized`, `last status: 429 Too Many Requests`. */
export function httpStatus(message: string): number | undefined {
  const [, status] = /\b(?:unexpected|last) status:? (\d{3})\b/.exec(message) ?? []
  return status === undefined ? undefined : Number(status)
}
