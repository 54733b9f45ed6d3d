import type {Context} from 'hono'
import type {TurnResult} from 'clinvk-kit/turn/result'
import {type AnyError, apiError} from '../core/errors.js'
import type {ServeEnv} from '../http/door.js'
import {bodyOf, failed} from '../http/failed.js'
import {eventStream} from '../http/sse.js'
import type {Answer, AnswerEvent, TurnPlace} from './answer.js'
import type {Answered} from './ask.js'

/** An event of a stream as a vendor's API has it. */
export interface VendorEvent {
  readonly event?: string
  /** As JSON; a text as it is. */
  readonly data: unknown
}

/** How a vendor's API tells an answer. */
export interface VendorAnswer {
  readonly isStream: boolean
  /** Throws a TurnFailed where no event of its own says that the turn has failed. */
  events(events: AsyncIterable<AnswerEvent>, place: () => TurnPlace | undefined): AsyncIterable<VendorEvent>
  whole(result: TurnResult, about: {readonly reasoning: string; readonly place?: TurnPlace}): object
  /** `body`: that of the error without a stream. */
  error(body: object): VendorEvent
  readonly ping?: string
}

/** The answer as JSON or as a stream; an error has its own status as long as nothing was sent. */
export async function respond(
  c: Context<ServeEnv>,
  answered: Answered,
  api: VendorAnswer,
): Promise<Response> {
  const {answer} = answered
  answer.listen(c.get('client').gone)
  const headers = () => {
    const {place} = answer
    if (place?.session !== undefined) c.set('session', place.session)
    return {...answered.headers, ...(place?.session !== undefined && {'x-clinvk-session': place.session})}
  }
  const refused = (error: AnyError) => {
    for (const [name, value] of Object.entries(headers())) c.header(name, value)
    return failed(c, error, {hasStarted: answer.hasStarted})
  }
  if (!api.isStream) {
    let reasoning = ''
    for await (const event of answer.read()) if (event.type === 'reasoning') reasoning += event.text
    const error = errorOf(answer.result!)
    if (error) return refused(error)
    return c.json(api.whole(answer.result!, {reasoning, place: answer.place}), 200, headers())
  }
  return eventStream(
    c,
    async (stream) => {
      try {
        for await (const {data, event} of api.events(answer.read(), () => answer.place))
          await stream.send(typeof data === 'string' ? data : JSON.stringify(data), event)
      } catch (error) {
        if (!(error instanceof TurnFailed)) throw error
        if (!stream.isOpen) return refused(error.error)
        const {data, event} = api.error(errorBody(error.error, answer, c.req.path))
        await stream.send(JSON.stringify(data), event)
      }
      return undefined
    },
    {headers, ping: api.ping},
  )
}

/** The error of a turn, as far as the client is told of it: one that has reached a limit has an answer all the same. */
export function errorOf({error}: TurnResult): AnyError | undefined {
  return error && error.kind !== 'limit' ? error : undefined
}

export function errorBody(error: AnyError, {hasStarted}: Pick<Answer, 'hasStarted'>, path: string): object {
  return bodyOf(apiError(error, {hasStarted}), path)
}

/** The turn has failed, and the answer ends here. */
export class TurnFailed extends Error {
  constructor(readonly error: AnyError) {
    super(error.message)
  }
}
