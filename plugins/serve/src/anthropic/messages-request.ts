import * as z from 'zod'
import {type ChatRequest, conversationOf, ignoredFields} from '../conversation/chat-request.js'
import {textOf} from '../conversation/content.js'
import {sessionInUserId} from '../conversation/conversation-id.js'
import {checkToolChoice, parseBody, schemaOf} from '../conversation/fields.js'

const format = z.looseObject({type: z.string(), schema: z.unknown().optional()}).nullish()

/** A request for a count of tokens, as far as it is used. */
export const CountTokensBody = z.looseObject({
  model: z.string().min(1),
  messages: z.array(z.looseObject({role: z.string(), content: z.unknown().optional()})).min(1),
  system: z.unknown().optional(),
  tools: z.unknown().optional(),
})

/** A request of the Messages API, as far as it is used. */
export const MessagesBody = CountTokensBody.extend({
  stream: z.boolean().nullish(),
  tool_choice: z.unknown().optional(),
  thinking: z.looseObject({type: z.string()}).nullish(),
  metadata: z.looseObject({user_id: z.unknown().optional()}).nullish(),
  output_format: format,
  output_config: z.looseObject({format}).nullish(),
})

export interface MessagesRequest extends ChatRequest {
  readonly isStream: boolean
  readonly showsThinking: boolean
}

/** Throws a BadRequest that names the field. */
export function messagesRequest(body: unknown): MessagesRequest {
  const parsed = parseBody(MessagesBody, body)
  const {messages, metadata, model, output_config, output_format, stream, thinking} = parsed
  checkToolChoice(parsed.tool_choice)
  const wanted = output_config?.format ?? output_format
  return {
    model,
    ...conversationOf(
      [
        {role: 'system', text: textOf(parsed.system, 'system')},
        ...messages.map(({content, role}, index) => ({
          role,
          text: textOf(content, `messages[${index}].content`, role),
        })),
      ],
      'messages',
    ),
    schema: schemaOf(wanted?.type, wanted?.schema, 'output_config.format'),
    conversationId: sessionInUserId(metadata?.user_id),
    ignored: ignoredFields(parsed, USED),
    isStream: stream === true,
    showsThinking: thinking !== undefined && thinking !== null && thinking.type !== 'disabled',
  }
}

/** An estimate: a token is taken for 4 bytes, as clinvk does everywhere. Throws a BadRequest. */
export function estimateTokens(body: unknown): number {
  const {messages, system, tools} = parseBody(CountTokensBody, body)
  const texts = [
    textOf(system, 'system'),
    ...messages.map(({content, role}, index) => textOf(content, `messages[${index}].content`, role)),
    ...(tools === undefined || tools === null ? [] : [JSON.stringify(tools)]),
  ]
  return Math.ceil(texts.reduce((bytes, text) => bytes + Buffer.byteLength(text), 0) / BYTES_OF_TOKEN)
}

const BYTES_OF_TOKEN = 4
const USED = [
  'messages',
  'metadata',
  'model',
  'output_config',
  'output_format',
  'stream',
  'system',
  'thinking',
]
