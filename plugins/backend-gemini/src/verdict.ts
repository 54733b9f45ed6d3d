import type {AgentExit, Denial, Verdict, VerdictDetails} from 'clinvk-contract'
import {readApiError, whatWasSaid} from './errors.js'
import type {Message} from './messages.js'
import {usageOf} from './usage.js'

/** What the reader has seen besides the result. */
export interface Seen {
  readonly content: string
  readonly denials: readonly Denial[]
  /** Messages of `error` events that broke off the answer. */
  readonly errors: readonly string[]
  readonly model?: string
}

/**
 * How a turn of gemini went. Its exit code alone says little: 0 after SIGINT,
 * for a stream that broke off and for a prompt that was too long to be sent.
 */
export function verdict(result: Message | undefined, exit: AgentExit, seen: Seen): Verdict {
  if (!result) return {...detailsOf(undefined, seen), ...withoutResult(exit)}
  const details = detailsOf(result, seen)
  const told = seen.errors.at(-1)
  if (result.status === 'success') {
    if (told !== undefined) {
      return {...details, outcome: told.startsWith(TURN_LIMIT) ? 'limit' : 'failed', message: told}
    }

    if (seen.content !== '' || Object.keys(result.stats?.models ?? {}).length > 0)
      return {...details, outcome: 'success'}
    return {...details, outcome: 'failed', message: NOTHING_SENT}
  }

  const error = readApiError(result.error?.message ?? told ?? '')
  const message = error.message || 'gemini reported an error without saying which.'
  const status = error.status ?? httpStatus(exit)
  if (status === 401 || status === 403 || exit.code === NO_SIGN_IN || message.includes(BAD_KEY)) {
    return {...details, outcome: 'auth', message}
  }

  if (status === 429) return {...details, outcome: 'rate_limit', message}
  return {...details, outcome: exit.code === TURN_LIMIT_EXIT ? 'limit' : 'failed', message}
}

function withoutResult({code, signal, stderr}: AgentExit): Verdict {
  const said = whatWasSaid(stderr)
  if (code === 0) return {outcome: 'failed', message: NO_RESULT}
  const how = signal === undefined ? `with exit code ${code ?? 'unknown'}` : `by signal ${signal}`
  const message = said === '' ? `gemini ended ${how} before its result.` : `gemini ended ${how}: ${said}`
  if (code === NO_SIGN_IN) return {outcome: 'auth', message}
  return {outcome: UNKNOWN_SESSION.test(said) ? 'session' : 'failed', message}
}

function detailsOf(result: Message | undefined, {content, denials, model}: Seen): VerdictDetails {
  const usage = usageOf(result?.stats)
  // Of several models, the one that chooses among the others comes first. The session file knows better (`settle`).
  const answered = Object.keys(usage?.models ?? {}).at(-1) ?? model
  return {
    content: content || undefined,
    model: answered,
    usage,
    denials: denials.length === 0 ? undefined : denials,
  }
}

/** gemini ends with the HTTP status as its exit code, of which 8 bits arrive: 401 as 145. */
function httpStatus({code = 0}: AgentExit): number | undefined {
  return code >= 144 && code <= 255 ? code + 256 : undefined
}

const NO_SIGN_IN = 41
const TURN_LIMIT_EXIT = 53
const TURN_LIMIT = 'Maximum session turns exceeded'
const BAD_KEY = 'API key not valid'
const NOTHING_SENT =
  'gemini ended without an answer and without asking the model: the prompt is probably longer than the model takes.'
/** Its last lines get lost when it exits while they are on their way, and it takes itself for finished. */
const NO_RESULT =
  'gemini ended without its result, as it does when prompt and conversation are longer than the model takes.'
const UNKNOWN_SESSION = /Error resuming session|No previous sessions found/
