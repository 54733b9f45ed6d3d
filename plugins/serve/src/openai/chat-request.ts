import * as z from 'zod'
import {
  type ChatRequest,
  checkToolChoice,
  conversationOf,
  schemaOf,
  unknownFields,
} from '../conversation/chat-request.js'
import {textOf, toolCall} from '../conversation/content.js'
import {BadRequest} from '../core/errors.js'

const message = z.looseObject({
  role: z.string(),
  content: z.unknown().optional(),
  tool_calls: z.array(z.looseObject({function: z.looseObject({name: z.string()}).optional()})).nullish(),
})

/** A request of Chat Completions, as far as it is used; whatever else an SDK sends is taken, and named as ignored. */
export const ChatCompletionBody = z.looseObject({
  model: z.string().min(1),
  messages: z.array(message).min(1),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({include_usage: z.boolean().nullish()}).nullish(),
  n: z.number().nullish(),
  tool_choice: z.unknown().optional(),
  response_format: z
    .looseObject({type: z.string(), json_schema: z.looseObject({schema: z.unknown().optional()}).nullish()})
    .nullish(),
  prompt_cache_key: z.string().nullish(),
})

export interface ChatCompletionRequest extends ChatRequest {
  readonly includesUsage: boolean
}

/** Throws a BadRequest that names the field. */
export function chatRequest(body: z.output<typeof ChatCompletionBody>): ChatCompletionRequest {
  const {messages, model, n, prompt_cache_key: key, response_format: format, stream, stream_options} = body
  if (n !== undefined && n !== null && n !== 1)
    throw new BadRequest('An agent gives one answer: n must be 1.', 'n', 'unsupported')
  checkToolChoice(body.tool_choice)
  const said = messages.map(({content, role, tool_calls: calls}, index) => {
    const text = textOf(content, `messages[${index}].content`, role)
    const called = (calls ?? []).map((call) => toolCall(call.function?.name, call.function?.arguments))
    return {role, text: [text, ...called].filter((part) => part !== '').join('\n')}
  })
  return {
    model,
    ...conversationOf(said, 'messages'),
    schema: schemaOf(format?.type, format?.json_schema?.schema, 'response_format'),
    conversationId: key ?? undefined,
    ignored: unknownFields(ChatCompletionBody, body),
    isStream: stream === true,
    showsReasoning: true,
    includesUsage: stream_options?.include_usage === true,
  }
}
