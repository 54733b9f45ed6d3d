import type {TurnResult} from '../turn/result.js'
import {exitCode, type Failure, outcomeOf} from './failure.js'

/** The result of a turn that did not start. */
export function failureResult({hints, kind, message}: Failure): TurnResult {
  return {
    content: '',
    outcome: outcomeOf(kind),
    error: {kind, message, hints: hints.length > 0 ? hints : undefined},
    exit_code: exitCode(kind),
    duration_seconds: 0,
    denials: [],
  }
}
