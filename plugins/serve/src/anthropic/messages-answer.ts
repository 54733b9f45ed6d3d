import type {Usage} from 'clinvk-contract'
import {randomHex} from 'clinvk-kit/format/random-id'
import type {TurnResult} from 'clinvk-kit/turn/result'
import {clinvkPart} from '../conversation/clinvk-part.js'
import {errorOf, TurnFailed, type VendorAnswer, type VendorEvent} from '../conversation/respond.js'
import type {MessagesRequest} from './messages-request.js'

/** An answer as the Messages API has it. */
export function messagesAnswer({isStream, model, showsThinking}: MessagesRequest): VendorAnswer {
  const message = {id: `msg_${randomHex()}`, type: 'message', role: 'assistant', model}
  return {
    isStream,
    ping: 'event: ping\ndata: {"type":"ping"}\n\n',

    async *events(events, place) {
      let hasBegun = false
      let index = -1
      let open: 'text' | 'reasoning' | undefined
      const told = (event: string, data: object): VendorEvent => ({event, data: {type: event, ...data}})
      const begin = function* () {
        if (hasBegun) return
        hasBegun = true
        const started = {
          ...message,
          content: [],
          stop_reason: null,
          stop_sequence: null,
          usage: messagesUsage(undefined),
        }
        yield told('message_start', {message: started})
      }
      const close = function* () {
        if (open) yield told('content_block_stop', {index})
        open = undefined
      }
      for await (const event of events) {
        if (event.type === 'end') {
          const {result} = event
          const error = errorOf(result)
          if (error) throw new TurnFailed(error)
          yield* begin()
          yield* close()
          yield told('message_delta', {
            delta: {stop_reason: stopReason(result), stop_sequence: null},
            usage: messagesUsage(result.usage),
            clinvk: clinvkPart(result, place()),
          })
          yield told('message_stop', {})
          return
        }
        const {text, type} = event
        if (type === 'reasoning' && !showsThinking) continue
        yield* begin()
        if (open !== type) {
          yield* close()
          open = type
          index++
          yield told('content_block_start', {index, content_block: block(type, '')})
        }
        const delta = type === 'text' ? {type: 'text_delta', text} : {type: 'thinking_delta', thinking: text}
        yield told('content_block_delta', {index, delta})
      }
    },

    whole: (result, {place, reasoning}) => ({
      ...message,
      content: [
        ...(showsThinking && reasoning !== '' ? [block('reasoning', reasoning)] : []),
        ...(result.content === '' ? [] : [block('text', result.content)]),
      ],
      stop_reason: stopReason(result),
      stop_sequence: null,
      usage: messagesUsage(result.usage),
      clinvk: clinvkPart(result, place),
    }),

    error: (body) => ({event: 'error', data: body}),
  }
}

function block(type: 'text' | 'reasoning', text: string): object {
  return type === 'text' ? {type, text} : {type: 'thinking', thinking: text, signature: ''}
}

function stopReason({error}: TurnResult): 'end_turn' | 'max_tokens' {
  return error ? 'max_tokens' : 'end_turn'
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
