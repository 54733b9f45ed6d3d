import type {Usage} from 'clinvk-contract'
import {randomHex} from 'clinvk-kit/format/random-id'
import type {TurnResult} from 'clinvk-kit/turn/result'
import * as z from 'zod'
import {type ChatRequest, requestOf, schemaOf, textOf, toolCall} from '../conversation/chat-request.js'
import type {TurnPlace} from '../conversation/answer.js'
import {clinvkPart, type VendorAnswer} from '../conversation/respond.js'
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

interface ChatCompletionRequest extends ChatRequest {
  readonly includesUsage: boolean
}

/** Throws a BadRequest that names the field. */
export function chatRequest(body: z.output<typeof ChatCompletionBody>): ChatCompletionRequest {
  const {messages, n, prompt_cache_key: key, response_format: format, stream_options} = body
  if (n !== undefined && n !== null && n !== 1)
    throw new BadRequest('An agent gives one answer: n must be 1.', 'n', 'unsupported')
  const said = messages.map(({content, role, tool_calls: calls}, index) => {
    const text = textOf(content, `messages[${index}].content`, role)
    const called = (calls ?? []).map((call) => toolCall(call.function?.name, call.function?.arguments))
    return {role, text: [text, ...called].filter((part) => part !== '').join('\n')}
  })
  return {
    ...requestOf(ChatCompletionBody, body, said, 'messages'),
    schema: schemaOf(format?.type, format?.json_schema?.schema, 'response_format'),
    conversationId: key ?? undefined,
    showsReasoning: true,
    includesUsage: stream_options?.include_usage === true,
  }
}

/** An answer as Chat Completions has it. */
export function chatAnswer(
  {includesUsage, model}: ChatCompletionRequest,
  place: TurnPlace | undefined,
): VendorAnswer {
  const head = {id: `chatcmpl-${randomHex()}`, created: Math.floor(Date.now() / 1000), model}
  const chunk = (choices: readonly object[], more: object = {}) => ({
    data: {...head, object: 'chat.completion.chunk', choices, ...more},
  })
  const part = (delta: object) => chunk([{index: 0, delta, finish_reason: null}])
  return {
    opening: [part({role: 'assistant', content: ''})],

    whole(result, reasoning) {
      const message = {
        role: 'assistant',
        content: result.content,
        refusal: null,
        ...(reasoning !== '' && {reasoning_content: reasoning}),
      }
      return {
        ...head,
        object: 'chat.completion',
        choices: [{index: 0, message, logprobs: null, finish_reason: finishReason(result)}],
        usage: chatUsage(result.usage),
        clinvk: clinvkPart(result, place),
      }
    },

    piece: ({text, type}) => [part(type === 'text' ? {content: text} : {reasoning_content: text})],

    end(result) {
      const usage = includesUsage ? chatUsage(result.usage) : undefined
      const last = {index: 0, delta: {}, finish_reason: finishReason(result)}
      return [
        chunk([last], {clinvk: clinvkPart(result, place)}),
        ...(usage ? [chunk([], {usage})] : []),
        {data: '[DONE]'},
      ]
    },

    error: (error) => [{data: {error}}],
  }
}

function finishReason({error}: TurnResult): 'length' | 'stop' {
  return error ? 'length' : 'stop'
}

/** Undefined where the agent tells nothing. */
function chatUsage(usage: Usage | undefined): object | undefined {
  if (!usage) return undefined
  const {
    cached_tokens: cached,
    input_tokens: input = 0,
    output_tokens: output = 0,
    reasoning_tokens: reasoning,
  } = usage
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    ...(cached !== undefined && {prompt_tokens_details: {cached_tokens: cached}}),
    ...(reasoning !== undefined && {completion_tokens_details: {reasoning_tokens: reasoning}}),
  }
}
