import {type Failure, isFailure, exitCode, outcomeOf} from 'clinvk-kit/errors/failure'
import type {TurnResult} from 'clinvk-kit/turn/result'

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

/** An error that one of many turns may end with, while the others run. Throws what is a bug of ours. */
export function asTaskFailure(error: unknown): Failure {
  if (!isFailure(error) || error.kind === 'internal') throw error
  return error
}
