import type {IncomingHttpHeaders} from 'node:http'
import type {Reply, ToolCall, Usage} from './reply.js'

/** One request for a model's answer, as it arrived, and what became of it. */
export interface ModelCall extends Conversation {
  dialect: string
  headers: IncomingHttpHeaders
  /** The request, parsed. */
  body: unknown
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
  /** The client went away before the end. */
  closedEarly: boolean
  /** Resolves when the answer is out or the connection is gone: from then on nothing here changes. */
  ended: Promise<void>
}

/** A model call in terms that all dialects share. */
export interface Conversation {
  model: string
  stream: boolean
  /** Every instruction that is not the user's. */
  system: string
  turns: Turn[]
  /** Names of the tools on offer. */
  tools: string[]
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
