import {type AgentError, lastWords, readError} from 'clinvk-backend-sdk'
import type {BackendEvent} from 'clinvk-contract'

/**
 * Reads what gemini makes of an error of the API: `[API Error: …]` around a text or the API's own JSON, and maybe a
 * line of advice that helps only in its own interface (`/auth`).
 */
export function readApiError(text: string): AgentError {
  const [, inner = text] = /^\[API Error: ([^]*)\](?:\n[^]*)?$/.exec(text) ?? []
  return readError(inner)
}

/** What a line of gemini's standard error tells the user while it runs; most of it is noise. */
export function readErrorLine(line: string): BackendEvent[] {
  const [, attempt, status, cause = ''] = RETRY.exec(line) ?? []
  if (attempt === undefined)
    return line.includes(POLICY_IGNORED) ? [{type: 'notice', message: POLICY_NOTICE}] : []
  const message = readApiError(cause).message || status || 'the model did not answer'
  // `5xx` is no number.
  return [{type: 'retry', attempt: Number(attempt), status: Number(status) || undefined, message}]
}

/** What standard error says of the end: its last lines without noise, colours and the help text. */
export function whatWasSaid(stderr: string): string {
  return lastWords(stderr.split('Usage: gemini [options]')[0]!, NOISE)
}

/** `Attempt 1 failed with status 429. Retrying with backoff... _ApiError: {"error":{…}}` */
const RETRY =
  /^Attempt (\d+) failed(?: with (?:status )?(\d{3}|5xx)[^.]*)?\. Retrying with backoff\.\.\.(?: \w*Error: (.*))?$/

/** On a machine whose administrator has set rules of their own. */
const POLICY_IGNORED = 'Ignoring --admin-policy'
const POLICY_NOTICE =
  'Gemini CLI goes by the policies of this machine and not by those of clinvk: its model may leave plan mode by itself, and then nothing is asked any more.'

/** What gemini 0.61.0 prints whatever happens. */
const NOISE =
  /^\[STARTUP\]|^Ripgrep is not available|^Warning: (?:Basic terminal|256-color|True color|--allowed-tools)|^YOLO mode is enabled|^\s+at /
