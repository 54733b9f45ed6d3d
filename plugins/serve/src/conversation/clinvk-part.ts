import type {TurnResult} from 'clinvk-kit/turn/result'
import type {TurnPlace} from './answer.js'

/** The field `clinvk` of an answer: what the vendor's API has no place for. */
export function clinvkPart(
  {backend, denials, error, model}: TurnResult,
  place: TurnPlace | undefined,
): object {
  return {
    session_id: place?.session,
    turn: place?.turn,
    backend,
    model,
    ...(denials.length > 0 && {denials}),
    // Why an answer is not whole.
    ...(error && {error: {kind: error.kind, message: error.message}}),
  }
}
