import type {Context} from 'hono'
import type {TurnResult} from 'clinvk-kit/turn/result'
import {type AnyError, errorAnswer} from '../core/errors.js'
import type {ServeEnv} from '../http/door.js'
import {failed} from '../http/failed.js'
import {type EventStream, eventStream} from '../http/sse.js'
import type {Answer, AnswerPiece, TurnPlace} from './answer.js'

/** An event of a stream as a vendor's API has it. */
export interface VendorEvent {
  readonly event?: string
  /** As JSON; a text as it is. */
  readonly data: unknown
}

/** How a vendor's API tells one answer to one client, as a whole or as a stream of events. */
export interface VendorAnswer {
  readonly isStream: boolean
  whole(result: TurnResult, about: {readonly reasoning: string; readonly place?: TurnPlace}): object
  piece(piece: AnswerPiece, place: TurnPlace | undefined): readonly VendorEvent[]
  end(result: TurnResult, place: TurnPlace | undefined): readonly VendorEvent[]
  /** Once the stream is open; `error`: that of the body without a stream. */
  error(error: object, place: TurnPlace | undefined): readonly VendorEvent[]
  readonly ping?: string
}

/** The answer as JSON or as a stream; an error has its own status as long as nothing was sent. */
export async function respond(c: Context<ServeEnv>, answer: Answer, api: VendorAnswer): Promise<Response> {
  answer.listen(c.get('client').gone)
  for (const [name, value] of Object.entries(answer.headers)) c.header(name, value)
  if (api.isStream) return eventStream(c, (stream) => streamed(c, answer, api, stream), api.ping)
  let reasoning = ''
  for await (const event of answer.read()) if (event.type === 'reasoning') reasoning += event.text
  const {hasStarted, place, result} = answer
  c.set('session', place?.session)
  const error = errorOf(result!)
  return error ? failed(c, error, hasStarted) : c.json(api.whole(result!, {reasoning, place}))
}

async function streamed(
  c: Context<ServeEnv>,
  answer: Answer,
  api: VendorAnswer,
  stream: EventStream,
): Promise<Response | undefined> {
  for await (const event of answer.read()) {
    const {hasStarted, place} = answer
    c.set('session', place?.session)
    const error = event.type === 'end' ? errorOf(event.result) : undefined
    if (error && !stream.isOpen) return failed(c, error, hasStarted)
    const events = error
      ? api.error(errorAnswer(error, c.req.path).body.error, place)
      : event.type === 'end'
        ? api.end(event.result, place)
        : api.piece(event, place)
    for (const {data, event: name} of events)
      await stream.send(typeof data === 'string' ? data : JSON.stringify(data), name)
  }
  return undefined
}

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

/** The error of a turn, as far as the client is told of it: one that has reached a limit has an answer all the same. */
function errorOf({error}: TurnResult): AnyError | undefined {
  return error && error.kind !== 'limit' ? error : undefined
}
