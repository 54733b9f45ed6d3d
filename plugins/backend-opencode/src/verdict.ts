import type {AgentExit, Turn, Verdict} from 'clinvk-contract'
import type {ErrorOfOpencode} from './lines.js'

/** What the reader has seen of the end. */
export interface End {
  readonly error?: ErrorOfOpencode
  /** Why the last model call was ended: `stop`, `tool-calls`, `length`. */
  readonly reason?: string
  /** What opencode had to try again for, when it did not get over it. */
  readonly retry?: string
  /** A provider that is not signed in. */
  readonly disconnected?: string
  /** Model calls that were made and answered. */
  readonly steps: number
}

type Outcome =
  | {readonly outcome: 'success'}
  | {readonly outcome: Exclude<Verdict['outcome'], 'success'>; readonly message: string}

/** How a turn of opencode went. Its exit code alone says little: it is 0, too, when it was broken off. */
export function outcomeOf(end: End, exit: AgentExit, {maxTurns}: Turn): Outcome {
  const {error, reason, retry, steps} = end
  if (error) return outcomeOfError(error, end, maxTurns)
  if (retry !== undefined) return {outcome: kindOf(retry), message: retry}
  const {code, signal, stderr} = exit
  if (code === 0 && reason === 'length') return {outcome: 'failed', message: CUT_OFF}
  if (code === 0 && steps > 0) return {outcome: 'success'}
  const said = whatWasSaid(stderr)
  if (code === 0)
    return {outcome: 'failed', message: `opencode ended without an answer${said && `: ${said}`}.`}
  const how = signal === undefined ? `with exit code ${code ?? 'unknown'}` : `by signal ${signal}`
  return {
    outcome: said.includes('Session not found') ? 'session' : 'failed',
    message: said === '' ? `opencode ended ${how} before its last word.` : `opencode ended ${how}: ${said}`,
  }
}

function outcomeOfError(
  {data = {}, name = 'an error'}: ErrorOfOpencode,
  {disconnected, retry}: End,
  maxTurns: number | undefined,
): Outcome {
  const {message = name, statusCode: status} = data
  if (message.includes(LIMIT)) {
    return {outcome: 'limit', message: `OpenCode has reached the limit of model turns (${maxTurns})`}
  }

  if (message.includes(SILENCE)) return {outcome: 'failed', message: NO_ANSWER}
  if (disconnected !== undefined) {
    const message = `OpenCode is not signed in to ${disconnected}, or knows no provider of that name.`
    return {outcome: 'auth', message}
  }

  if (status === 401 || status === 403 || name === 'ProviderAuthError') return {outcome: 'auth', message}
  if (name === 'MessageAbortedError' && retry !== undefined) return {outcome: kindOf(retry), message: retry}
  return {outcome: status === 429 ? 'rate_limit' : 'failed', message}
}

/** Of a failed attempt opencode tells the message alone. */
function kindOf(message: string): 'rate_limit' | 'failed' {
  return RATE_LIMIT.test(message) ? 'rate_limit' : 'failed'
}

function whatWasSaid(stderr: string): string {
  return stderr
    .replaceAll(COLOUR, '')
    .split('\n')
    .map((line) => line.replace(/^Error: /, '').trim())
    .filter((line) => line !== '' && !line.startsWith('! permission requested'))
    .slice(-3)
    .join('\n')
}

const LIMIT = 'clinvk: maxTurns'
const SILENCE = 'clinvk: silence'
const NO_ANSWER = 'The model answered nothing, ten times in a row.'
const CUT_OFF = 'The answer is incomplete: the model has reached its limit of tokens for one answer.'
const RATE_LIMIT = /\b429\b|rate.?limit|too many requests|quota|usage limit|limit reached|exhausted/i
const COLOUR = /\u001B\[[\d;]*m/g
