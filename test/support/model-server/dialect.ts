import type {Conversation} from './call.js'
import type {ErrorReply, StreamError, ToolCall, Usage} from './reply.js'

/** One vendor's HTTP API. The server knows nothing else of it, so a new one is a new file in `dialects/`. */
export interface Dialect {
  readonly name: string
  /** Is this a model call of this dialect? */
  matches(request: Route): boolean
  read(body: unknown, request: Route): Conversation
  /** The answer as a stream of events. */
  frames(answer: Answer): Iterable<Frame>
  /** The answer as one JSON value. */
  whole(answer: Answer): unknown
  /** The JSON body of an HTTP error. */
  error(reply: ErrorReply): unknown
  /** The event that ends a stream with an error. */
  streamError(error: StreamError): string
  /** The JSON answer to a request of this dialect that asks no model, or undefined when it is not one. */
  side(request: Route, body: unknown): unknown
}

export interface Route {
  method: string
  /** Without the query. */
  path: string
}

/** A reply with nothing left open. */
export interface Answer {
  model: string
  text?: string
  thinking?: string
  toolCalls: ToolCall[]
  usage: Usage
  stop?: string
  /** Pieces that the text is streamed in. */
  chunks: number
}

/** One server-sent event, ready to be written; `text` marks a piece of the answer's text. */
export interface Frame {
  data: string
  text: boolean
}
