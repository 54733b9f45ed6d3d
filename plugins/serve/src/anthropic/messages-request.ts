import * as z from 'zod'
import {
  type ChatRequest,
  checkToolChoice,
  conversationOf,
  schemaOf,
  unknownFields,
} from '../conversation/chat-request.js'
import {textOf} from '../conversation/content.js'

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
  const {metadata, model, output_config, output_format, stream, thinking} = body
  checkToolChoice(body.tool_choice)
  const wanted = output_config?.format ?? output_format
  return {
    model,
    ...conversationOf(saidIn(body), 'messages'),
    schema: schemaOf(wanted?.type, wanted?.schema, 'output_config.format'),
    conversationId: sessionInUserId(metadata?.user_id),
    ignored: unknownFields(MessagesBody, body),
    isStream: stream === true,
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
