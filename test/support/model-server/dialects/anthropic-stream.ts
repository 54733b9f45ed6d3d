import type {Answer, Frame} from '../dialect.js'
import type {StreamError} from '../reply.js'
import {splitText} from '../split-text.js'
import {type Block, blocks, envelope, stop, wireUsage} from './anthropic-message.js'

/** The answer as the events of a stream. */
export function* frames(answer: Answer): Generator<Frame> {
  // As from the real API, the first event knows what was read, but of the output only that it has begun.
  const usage = wireUsage({...answer.usage, output: 1})
  yield frame('message_start', {
    message: {...envelope(answer), content: [], stop_reason: null, stop_sequence: null, usage},
  })
  for (const [index, block] of blocks(answer).entries()) {
    yield frame('content_block_start', {index, content_block: begun(block)})
    for (const delta of deltas(block, answer.chunks)) {
      yield frame('content_block_delta', {index, delta}, delta.type === 'text_delta')
    }
    yield frame('content_block_stop', {index})
  }
  yield frame('message_delta', {delta: stop(answer), usage: wireUsage(answer.usage)})
  yield frame('message_stop', {})
}

export const streamError = (error: StreamError): string => frame('error', {error}).data

const frame = (type: string, fields: object, text = false): Frame => ({
  data: `event: ${type}\ndata: ${JSON.stringify({type, ...fields})}\n\n`,
  text,
})

function begun(block: Block): Block {
  switch (block.type) {
    case 'thinking':
      return {...block, thinking: '', signature: ''}
    case 'text':
      return {...block, text: ''}
    case 'tool_use':
      return {...block, input: {}}
  }
}

function deltas(block: Block, chunks: number) {
  switch (block.type) {
    case 'thinking':
      return [
        ...splitText(block.thinking, 2).map((thinking) => ({type: 'thinking_delta', thinking})),
        {type: 'signature_delta', signature: block.signature},
      ]
    case 'text':
      return splitText(block.text, chunks).map((text) => ({type: 'text_delta', text}))
    case 'tool_use':
      return splitText(JSON.stringify(block.input), 2).map((json) => ({
        type: 'input_json_delta',
        partial_json: json,
      }))
  }
}
