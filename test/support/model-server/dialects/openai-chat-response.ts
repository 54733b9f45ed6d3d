import {randomUUID} from 'node:crypto'
import type {Answer, Frame} from '../dialect.js'
import type {StreamError, Usage} from '../reply.js'
import {splitText} from '../split-text.js'

/** The answer as one completion. */
export function whole(answer: Answer) {
  const {text, thinking} = answer
  const calls = callsOf(answer)
  const message = {
    role: 'assistant',
    content: text ?? null,
    ...(thinking !== undefined && {reasoning_content: thinking}),
    ...(calls.length > 0 && {tool_calls: calls}),
  }
  return {
    ...envelope(answer, newId()),
    object: 'chat.completion',
    choices: [{index: 0, message, finish_reason: finishOf(answer)}],
    usage: wireUsage(answer.usage),
  }
}

/** The answer as the events of a stream. */
export function* frames(answer: Answer): Generator<Frame> {
  const {chunks, text, thinking} = answer
  const id = newId()
  const chunk = (fields: object): string =>
    event({...envelope(answer, id), object: 'chat.completion.chunk', ...fields})
  const delta = (fields: object, isText = false, finish: string | null = null): Frame => ({
    data: chunk({choices: [{index: 0, delta: fields, finish_reason: finish}]}),
    text: isText,
  })
  yield delta({role: 'assistant', content: ''})
  if (thinking !== undefined)
    for (const piece of splitText(thinking, 2)) yield delta({reasoning_content: piece})
  if (text !== undefined) for (const piece of splitText(text, chunks)) yield delta({content: piece}, true)
  for (const [index, call] of callsOf(answer).entries()) {
    const {arguments: args, name} = call.function
    yield delta({tool_calls: [{...call, index, function: {name, arguments: ''}}]})
    for (const piece of splitText(args, 2)) yield delta({tool_calls: [{index, function: {arguments: piece}}]})
  }
  yield delta({}, false, finishOf(answer))
  yield {data: chunk({choices: [], usage: wireUsage(answer.usage)}), text: false}
  yield {data: 'data: [DONE]\n\n', text: false}
}

export const streamError = ({message, type}: StreamError): string =>
  event({error: {message, type, param: null, code: type}})

const event = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`

const envelope = ({model}: Answer, id: string) => ({id, created: Math.floor(Date.now() / 1000), model})

const callsOf = ({toolCalls}: Answer) =>
  toolCalls.map(({input, name}) => ({
    id: `call_${newId()}`,
    type: 'function',
    function: {name, arguments: JSON.stringify(input)},
  }))

const finishOf = ({stop, toolCalls}: Answer) => stop ?? (toolCalls.length > 0 ? 'tool_calls' : 'stop')

/** Here everything that was sent counts as input, cached or not, and reasoning as output. */
function wireUsage({cacheRead, cacheWrite, input, output, reasoning = 0}: Usage) {
  const prompt = input + cacheRead + cacheWrite
  return {
    prompt_tokens: prompt,
    completion_tokens: output,
    total_tokens: prompt + output,
    prompt_tokens_details: {cached_tokens: cacheRead},
    completion_tokens_details: {reasoning_tokens: reasoning},
  }
}

const newId = () => randomUUID().replaceAll('-', '')
