import type {IncomingHttpHeaders} from 'node:http'

/** One request for a model's answer, as it arrived, and what became of it. */
export interface ModelCall extends Conversation {
  headers: IncomingHttpHeaders
  /** The last prompt, or '' when there is none. */
  prompt: string
  /** Every prompt of the conversation, oldest first. */
  prompts: string[]
  /** The reply that was chosen, after `failTimes` was looked at. */
  reply: Reply
  /** The HTTP status that was sent; undefined until then, so for ever with `hang: 'headers'`. */
  status?: number
  /** The usage that was reported; undefined unless the answer was sent without a fault and to its end. */
  sent?: Usage
}

/** A model call in terms that all dialects share. */
export interface Conversation {
  model: string
  stream: boolean
  /** Every instruction that is not the user's. */
  system: string
  turns: Turn[]
  /** What the answer must fit, where the agent has a way of its own to say so. */
  schema?: unknown
  /** The agent's own question, which wants JSON: no prompt, no rule, and this is the answer. */
  wanted?: unknown
}

/** A stretch of the conversation by one side. */
export interface Turn {
  role: 'user' | 'assistant'
  /** All text blocks as they were sent, joined by newlines. */
  text: string
  /** What the user typed here: trimmed, without anything that the agent wrote into the user's turn itself. */
  prompts: string[]
  toolCalls: ToolCall[]
  toolResults: ToolResult[]
}

export interface ToolResult {
  text: string
  isError: boolean
}

/** One vendor's HTTP API. The server knows nothing else of it, so a new one is a new file in `dialects/`. */
export interface Dialect {
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
  /** Pieces that the text is streamed in. */
  chunks: number
}

/** One server-sent event, ready to be written; `text` marks a piece of the answer's text. */
export interface Frame {
  data: string
  text: boolean
}

/**
 * What the model shall answer. Without any of the fields of a fault it is a plain answer; every field may be left
 * out, and `{}` is the default answer, which tells what the model was sent.
 */
export type Reply = PlainReply | BrokenReply | ErrorReply | SilentReply

/** A complete answer with HTTP status 200. */
export interface PlainReply extends Pace {
  /** Without `text` and `tools` the default answer is given. */
  text?: string
  thinking?: string
  /** Tools that the agent is asked to run; the next step of the rule then sees their results. */
  tools?: ToolCall[]
  /** Tokens to report; fields left out are derived from the sizes of the texts. */
  usage?: Partial<Usage>
}

/**
 * An answer with HTTP status 200 whose stream goes wrong after its first piece of text. Calls that do not stream get
 * it whole, because that is what agents fall back to.
 */
export type BrokenReply = PlainReply & Recovery & StreamFault

type StreamFault =
  /** The stream stops, the connection stays open. */
  | {hang: 'stream'}
  /** The connection is destroyed. */
  | {cut: true}
  /** An error event, and the stream ends. */
  | {sseError: StreamError}
  /** No event at all; a call that does not stream gets an answer without content. */
  | {empty: true}

/** An answer with an HTTP error status. */
export interface ErrorReply extends Recovery {
  status: number
  message?: string
  /** Response headers, such as `retry-after`. */
  headers?: Record<string, string>
  /** Further fields of the error that is told, or others. */
  error?: object
}

/** No answer: the request is read, headers are never sent. */
interface SilentReply extends Recovery {
  hang: 'headers'
}

/** A fault that passes: given to the first `failTimes` calls of a prompt, then `then` or the default answer. */
interface Recovery {
  failTimes?: number
  then?: Reply
}

interface Pace {
  /** Wait after each event of a stream, in milliseconds. */
  chunkMs?: number
  /** Pieces that the text is streamed in; 4 when left out, fewer for very short texts. */
  chunks?: number
}

export interface ToolCall {
  name: string
  input: unknown
  /** The group of tools that it is in, where codex has one. */
  namespace?: string
}

export interface StreamError {
  type: string
  message: string
}

/**
 * Tokens of a model call: `input` is what was neither read from nor written to a cache, `output` everything that was
 * answered. `reasoning` is the part of the output that a dialect may report besides; undefined without `thinking`.
 */
export interface Usage {
  input: number
  cacheRead: number
  cacheWrite: number
  output: number
  reasoning?: number
}
