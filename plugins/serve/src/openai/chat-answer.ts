import type {Usage} from 'clinvk-contract'
import {randomHex} from 'clinvk-kit/format/random-id'
import type {TurnResult} from 'clinvk-kit/turn/result'
import {errorOf, TurnFailed, type VendorAnswer, type VendorEvent} from '../conversation/respond.js'
import {clinvkPart} from '../conversation/clinvk-part.js'
import type {ChatCompletionRequest} from './chat-request.js'

/** An answer as Chat Completions has it. */
export function chatAnswer({includesUsage, isStream, model}: ChatCompletionRequest): VendorAnswer {
  const head = {id: `chatcmpl-${randomHex()}`, created: Math.floor(Date.now() / 1000), model}
  return {
    isStream,

    async *events(events, place) {
      const chunk = (choice: object, more: object = {}): VendorEvent => ({
        data: {...head, object: 'chat.completion.chunk', choices: [{index: 0, ...choice}], ...more},
      })
      let hasRole = false
      for await (const event of events) {
        if (event.type === 'end') {
          const {result} = event
          const error = errorOf(result)
          if (error) throw new TurnFailed(error)
          if (!hasRole) yield chunk({delta: {role: 'assistant', content: ''}, finish_reason: null})
          yield chunk({delta: {}, finish_reason: finishReason(result)}, {clinvk: clinvkPart(result, place())})
          const usage = chatUsage(result.usage)
          if (includesUsage && usage)
            yield {data: {...head, object: 'chat.completion.chunk', choices: [], usage}}
          yield {data: '[DONE]'}
          return
        }
        const delta = event.type === 'text' ? {content: event.text} : {reasoning_content: event.text}
        const role = hasRole ? {} : {role: 'assistant'}
        hasRole = true
        yield chunk({delta: {...role, ...delta}, finish_reason: null})
      }
    },

    whole(result, {place, reasoning}) {
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

    error: (body) => ({data: body}),
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
