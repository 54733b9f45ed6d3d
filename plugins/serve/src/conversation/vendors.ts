import type * as z from 'zod'
import {
  CountTokensBody,
  estimateTokens,
  messagesAnswer,
  MessagesBody,
  messagesRequest,
  PING,
} from '../anthropic/messages.js'
import {ServerFailure} from '../core/errors.js'
import type {Door} from '../http/door.js'
import {type Described, type Route, route} from '../http/route.js'
import {chatAnswer, ChatCompletionBody, chatRequest} from '../openai/chat.js'
import {responsesAnswer} from '../openai/responses-answer.js'
import {ResponsesBody, responsesRequest} from '../openai/responses-request.js'
import type {TurnPlace} from './answer.js'
import {Conversations} from './conversations.js'
import type {ChatRequest} from './chat-request.js'
import {modelIds} from './model-name.js'
import {respond, type VendorAnswer} from './respond.js'

/** The APIs of OpenAI and Anthropic, for programs that know them already. Of the two below `/v1` only the models clash. */
export function vendorRoutes(door: Door): Route[] {
  const conversations = new Conversations(door)
  const created = new Date()

  /** Answers in the session that the conversation of a request belongs to. */
  const chat = <Body extends z.ZodType, Request extends ChatRequest>(
    on: Described['on'],
    summary: string,
    body: Body,
    read: (body: z.output<Body>) => Request,
    answerTo: (request: Request, place: TurnPlace | undefined) => VendorAnswer,
    ping?: string,
  ) =>
    route(on, summary, {body, streams: true, isOfVendor: true}, async ({body, c}) => {
      const request = read(body)
      const answer = await conversations.ask(c, request, body)
      return respond(c, answer, request, (place) => answerTo(request, place), ping)
    })

  const openai = (base: string) => [
    chat(
      `POST ${base}/chat/completions`,
      'Chat Completions of OpenAI.',
      ChatCompletionBody,
      chatRequest,
      chatAnswer,
    ),
    chat(`POST ${base}/responses`, 'Responses of OpenAI.', ResponsesBody, responsesRequest, responsesAnswer),
  ]
  const anthropic = (base: string) => [
    chat(
      `POST ${base}/messages`,
      'Messages of Anthropic.',
      MessagesBody,
      messagesRequest,
      messagesAnswer,
      PING,
    ),
    route(
      `POST ${base}/messages/count_tokens`,
      'Count Tokens of Anthropic: an estimate.',
      {body: CountTokensBody, isOfVendor: true},
      ({body, c}) => c.json({input_tokens: estimateTokens(body)}, 200, {'x-clinvk-estimate': 'true'}),
    ),
  ]
  /** `isAnthropic`: whether a client wants them as Anthropic has them; its own clients send a header. */
  const models = (base: string, isAnthropic: (version: string | undefined) => boolean) => [
    route(`GET ${base}/models`, 'The agents, as models.', {isOfVendor: true}, async ({c}) => {
      const ids = await modelIds(door.clinvk)
      if (!isAnthropic(c.req.header('anthropic-version')))
        return {object: 'list', data: ids.map((id) => openaiModel(id, created))}
      const data = ids.map((id) => anthropicModel(id, created))
      return {data, has_more: false, first_id: ids[0] ?? null, last_id: ids.at(-1) ?? null}
    }),
    route(`GET ${base}/models/:id{.+}`, 'One of them.', {isOfVendor: true}, async ({c, id}) => {
      if (!(await modelIds(door.clinvk)).includes(id))
        throw new ServerFailure('backend_unknown', `There is no model "${id}".`, ['All of them: GET /models'])
      return (isAnthropic(c.req.header('anthropic-version')) ? anthropicModel : openaiModel)(id, created)
    }),
  ]

  return [
    ...anthropic('/anthropic/v1'),
    ...models('/anthropic/v1', () => true),
    ...openai('/openai/v1'),
    ...models('/openai/v1', () => false),
    ...openai('/v1'),
    ...anthropic('/v1'),
    ...models('/v1', (version) => version !== undefined),
  ]
}

function openaiModel(id: string, created: Date): object {
  return {id, object: 'model', created: Math.floor(created.getTime() / 1000), owned_by: 'clinvk'}
}

function anthropicModel(id: string, created: Date): object {
  return {type: 'model', id, display_name: id, created_at: created.toISOString()}
}
