import type {AgentExit, Turn, Usage, Verdict, VerdictDetails} from 'clinvk-contract'
import {denial} from './denial.js'
import type {Message} from './messages.js'
import {usageOfModels} from './usage.js'

/** What the reader has seen besides the result. */
export interface Seen {
  readonly turn: Turn
  readonly model?: string
  /** Counted from the stream. */
  readonly usage?: Usage
  /** The `error` of a message: `authentication_failed`, `rate_limit`, … */
  readonly failure?: string
  readonly resetsAt?: string
}

/**
 * How a turn of claude went. Its exit code says little: 0 after SIGINT, 1 for
 * a turn limit; `subtype: success` stands in the result of every API error too.
 */
export function verdict(results: readonly Message[], exit: AgentExit, seen: Seen): Verdict {
  // A command in the background brings a result of its own; the last one speaks for the turn.
  const result = results.at(-1)
  const details = detailsOf(results, seen)
  if (!result) return {...details, ...withoutResult(exit)}
  if (!result.is_error && result.subtype === 'success') return {...details, outcome: 'success'}

  const message =
    result.result || result.errors?.join('\n') || `claude reported ${result.subtype ?? 'an error'}`
  if (result.subtype === 'error_max_turns' || result.subtype === 'error_max_budget_usd') {
    return {...details, outcome: 'limit', message}
  }

  const status = result.api_error_status
  if (status === 401 || status === 403 || seen.failure === 'authentication_failed') {
    return {...details, outcome: 'auth', message}
  }

  if (status === 429 || seen.failure === 'rate_limit' || seen.failure === 'billing_error') {
    return {...details, outcome: 'rate_limit', message, resetsAt: seen.resetsAt}
  }

  return {...details, outcome: message.includes(UNKNOWN_SESSION) ? 'session' : 'failed', message}
}

function withoutResult({code, signal, stderr}: AgentExit): Verdict {
  const said = stderr.trim().split('\n').slice(-5).join('\n')
  const how = signal === undefined ? `with exit code ${code ?? 'unknown'}` : `by signal ${signal}`
  const message = said === '' ? `claude ended ${how} before its result.` : `claude ended ${how}: ${said}`
  return {outcome: said.includes(UNKNOWN_SESSION) ? 'session' : 'failed', message}
}

function detailsOf(results: readonly Message[], {model, turn, usage: counted}: Seen): VerdictDetails {
  // modelUsage grows over the process, denials stand in the result of their part.
  const told = usageOfModels(results.at(-1)?.modelUsage)
  // The result of an interrupted turn misses the call that was under way; the stream misses sub-agents.
  const usage = (told?.total_tokens ?? -1) >= (counted?.total_tokens ?? -1) ? told : counted
  const denials = results
    .flatMap(({permission_denials: denied = []}) => denied)
    .map(({tool_input: input, tool_name: tool = 'unknown'}) => denial(tool, input, turn))
  return {
    model,
    usage,
    denials: denials.length === 0 ? undefined : denials,
  }
}

const UNKNOWN_SESSION = 'No conversation found with session ID'
