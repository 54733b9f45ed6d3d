import type {Context} from 'hono'
import type {TurnResult} from 'clinvk-kit/turn/result'
import {errorAnswer, failed} from '../core/errors.js'
import type {ServeEnv} from '../http/door.js'
import {type EventStream, eventStream} from '../http/sse.js'
import type {Answer, AnswerPiece, TurnPlace} from './answer.js'
import type {ChatRequest} from './chat-request.js'

/** An event of a stream as a vendor's API has it. */
export interface VendorEvent {
  readonly event?: string
  readonly data: object | string
}

/** How a vendor's API tells one answer to one client, as a whole or as a stream of events. */
export interface VendorAnswer {
  whole(result: TurnResult, about: {readonly reasoning: string; readonly place?: TurnPlace}): object
  piece(piece: AnswerPiece, place: TurnPlace | undefined): readonly VendorEvent[]
  end(result: TurnResult, place: TurnPlace | undefined): readonly VendorEvent[]
  /** Once the stream is open; `error`: that of the body without a stream. */
  error(error: object, place: TurnPlace | undefined): readonly VendorEvent[]
  readonly ping?: string
}

/** The answer as JSON or as a stream; an error has its own status as long as nothing was sent. */
export async function respond(
  c: Context<ServeEnv>,
  answer: Answer,
  {isStream, showsReasoning}: ChatRequest,
  api: VendorAnswer,
): Promise<Response> {
  answer.listen(c.get('client').gone)
  for (const [name, value] of Object.entries(answer.headers)) c.header(name, value)
  const tell = (stream?: EventStream) => told(c, answer, {api, showsReasoning, stream})
  return isStream ? eventStream(c, tell, api.ping) : (await tell())!
}

/** Nothing where all was sent to the stream. */
async function told(
  c: Context<ServeEnv>,
  answer: Answer,
  {api, showsReasoning, stream}: {api: VendorAnswer; showsReasoning: boolean; stream?: EventStream},
): Promise<Response | undefined> {
  const send = async (events: readonly VendorEvent[]) => {
    for (const {data, event} of events) await stream!.send(data, event)
  }
  let reasoning = ''
  for await (const piece of answer.read()) {
    c.set('session', answer.place?.session)
    if (piece.type === 'reasoning' && !showsReasoning) continue
    if (stream) await send(api.piece(piece, answer.place))
    else if (piece.type === 'reasoning') reasoning += piece.text
  }
  const {hasStarted, place} = answer
  const result = answer.result!
  c.set('session', place?.session)
  // One that has reached a limit has an answer all the same.
  const error = result.error?.kind === 'limit' ? undefined : result.error
  if (error && !stream?.isOpen) return failed(c, error, hasStarted)
  if (!stream) return c.json(api.whole(result, {reasoning, place}))
  await send(error ? api.error(errorAnswer(error, c.req.path).body.error, place) : api.end(result, place))
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
