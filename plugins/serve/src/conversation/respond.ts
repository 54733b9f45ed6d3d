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
  whole(result: TurnResult, reasoning: string): object
  /** What a stream begins with. */
  readonly opening: readonly VendorEvent[]
  piece(piece: AnswerPiece): readonly VendorEvent[]
  end(result: TurnResult): readonly VendorEvent[]
  /** `error`: that of the body without a stream. */
  error(error: object): readonly VendorEvent[]
}

/** The answer as JSON or as a stream; an error has its own status as long as nothing was sent. */
export async function respond(
  c: Context<ServeEnv>,
  answer: Answer,
  {isStream, showsReasoning}: ChatRequest,
  toVendor: (place: TurnPlace | undefined) => VendorAnswer,
  ping?: string,
): Promise<Response> {
  answer.listen(c.get('client').gone)
  for (const [name, value] of Object.entries(answer.headers)) c.header(name, value)

  /** Nothing where all was sent to the stream. */
  const tell = async (stream?: EventStream): Promise<Response | undefined> => {
    let api: VendorAnswer | undefined
    const send = async (eventsOf: (api: VendorAnswer) => readonly VendorEvent[]) => {
      const opening = api ? [] : (api = toVendor(answer.place)).opening
      for (const {data, event} of [...opening, ...eventsOf(api)]) await stream!.send(data, event)
    }
    let reasoning = ''
    for await (const piece of answer.read()) {
      c.set('session', answer.place?.session)
      if (piece.type === 'reasoning' && !showsReasoning) continue
      if (stream) await send((one) => one.piece(piece))
      else if (piece.type === 'reasoning') reasoning += piece.text
    }
    const {hasStarted, place} = answer
    const result = answer.result!
    c.set('session', place?.session)
    // One that has reached a limit has an answer all the same.
    const error = result.error?.kind === 'limit' ? undefined : result.error
    if (error && !stream?.isOpen) return failed(c, error, hasStarted)
    if (!stream) return c.json(toVendor(place).whole(result, reasoning))
    await send((one) => (error ? one.error(errorAnswer(error, c.req.path).body.error) : one.end(result)))
    return undefined
  }
  return isStream ? eventStream(c, tell, ping) : (await tell())!
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
