import type {Answer, Frame} from '../dialect.js'
import type {StreamError} from '../reply.js'
import {splitText} from '../split-text.js'
import {begun, completed, type Item, items, newId, textPart} from './openai-responses-response.js'

/** The answer as the events of a stream. */
export function* frames(answer: Answer): Generator<Frame> {
  const id = newId('resp')
  const output = items(answer)
  let count = 0
  const numbered = (event: Event): Frame => frame({...event, sequence_number: count++})

  yield numbered({type: 'response.created', response: begun(answer, id)})
  yield numbered({type: 'response.in_progress', response: begun(answer, id)})
  for (const [index, item] of output.entries()) {
    const place = {output_index: index, item_id: item.id}
    yield numbered({type: 'response.output_item.added', output_index: index, item: empty(item)})
    for (const event of parts(item, answer.chunks)) yield numbered({...place, ...event})
    yield numbered({type: 'response.output_item.done', output_index: index, item})
  }
  const end = answer.stop === undefined ? 'completed' : 'incomplete'
  yield numbered({type: `response.${end}`, response: completed(answer, id, output)})
}

/** A response that fails after it has begun. */
export const streamError = ({message, type}: StreamError): string =>
  frame({
    type: 'response.failed',
    response: {
      id: newId('resp'),
      object: 'response',
      status: 'failed',
      error: {code: type, message},
      output: [],
    },
  }).data

interface Event {
  type: string
  [field: string]: unknown
}

const frame = (event: Event): Frame => ({
  data: `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`,
  text: event.type === 'response.output_text.delta',
})

function empty(item: Item): Item {
  switch (item.type) {
    case 'reasoning':
      return {...item, summary: []}
    case 'message':
      return {...item, status: 'in_progress', content: []}
    case 'function_call':
      return {...item, status: 'in_progress', arguments: ''}
    case 'custom_tool_call':
      return {...item, status: 'in_progress', input: ''}
  }
}

/** What happens between the begin and the end of an item. */
function* parts(item: Item, chunks: number): Generator<Event> {
  switch (item.type) {
    case 'reasoning':
      for (const [index, {text}] of item.summary.entries()) {
        const summary = `response.reasoning_summary`
        const part = {summary_index: index, part: {type: 'summary_text', text: ''}}
        yield {type: `${summary}_part.added`, ...part}
        for (const delta of splitText(text, 2))
          yield {type: `${summary}_text.delta`, summary_index: index, delta}
        yield {type: `${summary}_text.done`, summary_index: index, text}
        yield {type: `${summary}_part.done`, ...part, part: {type: 'summary_text', text}}
      }
      return
    case 'message':
      for (const [index, part] of item.content.entries()) {
        const place = {content_index: index}
        yield {type: 'response.content_part.added', ...place, part: textPart('')}
        for (const delta of splitText(part.text, chunks))
          yield {type: 'response.output_text.delta', ...place, delta}
        yield {type: 'response.output_text.done', ...place, text: part.text}
        yield {type: 'response.content_part.done', ...place, part}
      }
      return
    case 'function_call':
      for (const delta of splitText(item.arguments, 2))
        yield {type: 'response.function_call_arguments.delta', delta}
      yield {type: 'response.function_call_arguments.done', arguments: item.arguments}
      return
    case 'custom_tool_call':
      for (const delta of splitText(item.input, 2))
        yield {type: 'response.custom_tool_call_input.delta', delta}
      yield {type: 'response.custom_tool_call_input.done', input: item.input}
  }
}
