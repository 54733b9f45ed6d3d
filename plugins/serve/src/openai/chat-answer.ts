import type {Usage} from 'clinvk-contract'
import {randomHex} from 'clinvk-kit/format/random-id'
import type {TurnResult} from 'clinvk-kit/turn/result'
import {clinvkPart, type VendorAnswer} from '../conversation/respond.js'
import type {ChatCompletionRequest} from './chat-request.js'

/** An answer as Chat Completions has it. */
export function chatAnswer({includesUsage, model}: ChatCompletionRequest): VendorAnswer {
  const head = {id: `chatcmpl-${randomHex()}`, created: Math.floor(Date.now() / 1000), model}
  const chunk = (choices: readonly object[], more: object = {}) => ({
    data: {...head, object: 'chat.completion.chunk', choices, ...more},
  })
  const part = (delta: object) => chunk([{index: 0, delta, finish_reason: null}])
  let hasRole = false
  return {
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

    piece({text, type}) {
      const role = hasRole ? {} : {role: 'assistant'}
      hasRole = true
      return [part({...role, ...(type === 'text' ? {content: text} : {reasoning_content: text})})]
    },

    end(result, place) {
      const usage = includesUsage ? chatUsage(result.usage) : undefined
      const last = {index: 0, delta: {}, finish_reason: finishReason(result)}
      return [
        ...(hasRole ? [] : [part({role: 'assistant', content: ''})]),
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
