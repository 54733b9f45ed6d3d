import type {Failure} from 'clinvk-kit/failure'
import {exitCode, outcomeOf} from 'clinvk-kit/outcome'
import type {TurnResult} from 'clinvk-kit/turn/result'

/** The result of a turn that did not start. */
export function failureResult({hints, kind, message}: Failure): TurnResult {
  return {
    content: '',
    outcome: outcomeOf(kind),
    error: {kind, message, ...(hints.length === 0 ? {} : {hints})},
    exit_code: exitCode(kind),
    duration_seconds: 0,
    denials: [],
  }
}
