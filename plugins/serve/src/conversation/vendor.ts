import type {Context} from 'hono'
import type * as z from 'zod'
import type {ServeEnv} from '../http/door.js'
import type {Conversations} from './ask.js'
import type {ChatRequest} from './chat-request.js'
import {respond, type VendorAnswer} from './respond.js'

/** The API of a vendor. */
export interface Vendor {
  readonly posts: readonly VendorPost[]
  /** An agent as a model, and the list of these. */
  readonly model: (id: string, created: Date) => object
  readonly models: (list: readonly object[], ids: readonly string[]) => object
}

export interface VendorPost {
  /** `/chat/completions` */
  readonly path: string
  readonly summary: string
  readonly body: z.ZodType
  readonly streams?: boolean
  readonly handle: (
    c: Context<ServeEnv>,
    body: unknown,
    conversations: Conversations,
  ) => Response | Promise<Response>
}

/** Answers in the session that the conversation of a request belongs to. */
export function chat<Request extends ChatRequest>(
  read: (body: unknown) => Request,
  answerTo: (request: Request) => VendorAnswer,
): VendorPost['handle'] {
  return async (c, body, conversations) => {
    const request = read(body)
    return respond(c, await conversations.ask(c, request, body), answerTo(request))
  }
}
