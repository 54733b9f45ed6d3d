import type {Usage} from 'clinvk-contract'
import {randomHex} from 'clinvk-kit/format/random-id'
import type {TurnResult} from 'clinvk-kit/turn/result'
import type {ChatRequest} from '../conversation/chat-request.js'
import {clinvkPart, type VendorAnswer, type VendorEvent} from '../conversation/respond.js'

/** An answer as the Messages API has it. */
export function messagesAnswer({model}: ChatRequest): VendorAnswer {
  const message = {id: `msg_${randomHex()}`, type: 'message', role: 'assistant', model}
  const started = {
    ...message,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: messagesUsage(undefined),
  }
  /** What is sent before the first event. */
  const opening = [named('message_start', {message: started})]
  let index = -1
  let open: 'text' | 'reasoning' | undefined
  const close = () => (open ? [named('content_block_stop', {index})] : [])
  return {
    ping: 'event: ping\ndata: {"type":"ping"}\n\n',

    whole: (result, {place, reasoning}) => ({
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
      const events = opening.splice(0)
      if (open !== type) {
        events.push(...close())
        open = type
        index++
        events.push(named('content_block_start', {index, content_block: block(type, '')}))
      }
      const delta = type === 'text' ? {type: 'text_delta', text} : {type: 'thinking_delta', thinking: text}
      return [...events, named('content_block_delta', {index, delta})]
    },

    end: (result, place) => [
      ...opening.splice(0),
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
