import type {Usage} from 'clinvk-contract'
import {randomHex} from 'clinvk-kit/format/random-id'
import type {TurnResult} from 'clinvk-kit/turn/result'
import * as z from 'zod'
import {type ChatRequest, requestOf, schemaOf, textOf} from '../conversation/chat-request.js'
import type {TurnPlace} from '../conversation/answer.js'
import {clinvkPart, type VendorAnswer, type VendorEvent} from '../conversation/respond.js'

const format = z.looseObject({type: z.string(), schema: z.unknown().optional()}).nullish()

const conversation = {
  model: z.string().min(1),
  messages: z.array(z.looseObject({role: z.string(), content: z.unknown().optional()})).min(1),
  system: z.unknown().optional(),
}

/** A request for a count of tokens, as far as it is used. */
export const CountTokensBody = z.looseObject({...conversation, tools: z.unknown().optional()})

/** A request of the Messages API, as far as it is used. */
export const MessagesBody = z.looseObject({
  ...conversation,
  stream: z.boolean().nullish(),
  tool_choice: z.unknown().optional(),
  thinking: z.looseObject({type: z.string()}).nullish(),
  metadata: z.looseObject({user_id: z.unknown().optional()}).nullish(),
  output_format: format,
  output_config: z.looseObject({format}).nullish(),
})

/** Throws a BadRequest that names the field. */
export function messagesRequest(body: z.output<typeof MessagesBody>): ChatRequest {
  const {metadata, output_config, output_format, thinking} = body
  const wanted = output_config?.format ?? output_format
  return {
    ...requestOf(MessagesBody, body, saidIn(body), 'messages'),
    schema: schemaOf(wanted?.type, wanted?.schema, 'output_config.format'),
    conversationId: sessionInUserId(metadata?.user_id),
    showsReasoning: thinking !== undefined && thinking !== null && thinking.type !== 'disabled',
  }
}

/** An estimate: a token is taken for 4 bytes, as clinvk does everywhere. Throws a BadRequest. */
export function estimateTokens(body: z.output<typeof CountTokensBody>): number {
  const tools = body.tools ? JSON.stringify(body.tools) : ''
  const texts = [...saidIn(body).map(({text}) => text), tools]
  return Math.ceil(Buffer.byteLength(texts.join('')) / 4)
}

function saidIn({messages, system}: Pick<z.output<typeof CountTokensBody>, 'messages' | 'system'>) {
  return [
    {role: 'system', text: textOf(system, 'system')},
    ...messages.map(({content, role}, index) => ({
      role,
      text: textOf(content, `messages[${index}].content`, role),
    })),
  ]
}

/** The id of the session in what Claude Code sends as `metadata.user_id`: JSON, formerly `user_…_session_<uuid>`. */
function sessionInUserId(userId: unknown): string | undefined {
  if (typeof userId !== 'string') return undefined
  return /"session_id"\s*:\s*"([^"]+)"/.exec(userId)?.[1] ?? /_session_([\da-f-]{36})$/.exec(userId)?.[1]
}

/** What keeps a stream of it open. */
export const PING = 'event: ping\ndata: {"type":"ping"}\n\n'

/** An answer as the Messages API has it. */
export function messagesAnswer({model}: ChatRequest, place: TurnPlace | undefined): VendorAnswer {
  const message = {id: `msg_${randomHex()}`, type: 'message', role: 'assistant', model}
  const started = {
    ...message,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: messagesUsage(undefined),
  }
  let index = -1
  let open: 'text' | 'reasoning' | undefined
  const close = () => (open ? [named('content_block_stop', {index})] : [])
  return {
    opening: [named('message_start', {message: started})],

    whole: (result, reasoning) => ({
      ...message,
      content: [
        ...(reasoning !== '' ? [block('reasoning', reasoning)] : []),
        ...(result.content === '' ? [] : [block('text', result.content)]),
      ],
      ...stopped(result),
      usage: messagesUsage(result.usage),
      clinvk: clinvkPart(result, place),
    }),

    piece({text, type}) {
      const events: VendorEvent[] = []
      if (open !== type) {
        events.push(...close())
        open = type
        index++
        events.push(named('content_block_start', {index, content_block: block(type, '')}))
      }
      const delta = type === 'text' ? {type: 'text_delta', text} : {type: 'thinking_delta', thinking: text}
      return [...events, named('content_block_delta', {index, delta})]
    },

    end: (result) => [
      ...close(),
      named('message_delta', {
        delta: stopped(result),
        usage: messagesUsage(result.usage),
        clinvk: clinvkPart(result, place),
      }),
      named('message_stop'),
    ],

    error: (error) => [named('error', {error})],
  }
}

function named(type: string, data: object = {}): VendorEvent {
  return {event: type, data: {type, ...data}}
}

function block(type: 'text' | 'reasoning', text: string): object {
  return type === 'text' ? {type, text} : {type: 'thinking', thinking: text, signature: ''}
}

function stopped({error}: TurnResult): object {
  return {stop_reason: error ? 'max_tokens' : 'end_turn', stop_sequence: null}
}

/** Clients need the two numbers; 0 where the agent tells none. */
function messagesUsage(usage: Usage | undefined): object {
  const {cached_tokens: cached = 0, input_tokens: input = 0, output_tokens: output = 0} = usage ?? {}
  return {
    input_tokens: Math.max(0, input - cached),
    output_tokens: output,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: cached,
  }
}
