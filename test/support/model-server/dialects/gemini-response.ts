import {randomUUID} from 'node:crypto'
import type {Answer, Frame} from '../dialect.js'
import type {StreamError, Usage} from '../reply.js'
import {splitText} from '../split-text.js'

/** The answer as one response. */
export function whole(answer: Answer) {
  const {stop = 'STOP', text, thinking} = answer
  const parts: Part[] = [
    ...(thinking === undefined ? [] : [{text: thinking, thought: true}]),
    ...(text === undefined ? [] : [{text}]),
    ...callsOf(answer),
  ]
  return response(answer, parts, newId(), stop)
}

/** The answer as the events of a stream. */
export function* frames(answer: Answer): Generator<Frame> {
  const {chunks, stop = 'STOP', text, thinking, toolCalls} = answer
  const id = newId()
  const frame = (parts: Part[], isText = false, finish?: string): Frame => ({
    data: event(response(answer, parts, id, finish)),
    text: isText,
  })
  if (thinking !== undefined) yield frame([{text: thinking, thought: true}])
  if (text !== undefined) for (const piece of splitText(text, chunks)) yield frame([{text: piece}], true)
  if (toolCalls.length > 0) yield frame(callsOf(answer))
  yield frame([{text: ''}], false, stop)
}

export const streamError = ({message, type}: StreamError): string =>
  event({error: {code: 503, message, status: type}})

const event = (value: unknown) => `data: ${JSON.stringify(value)}\r\n\r\n`

interface Part {
  text?: string
  thought?: boolean
  functionCall?: {name: string; args: unknown}
  thoughtSignature?: string
}

/** The first call carries the signature that the real API wants back with the next request. */
const callsOf = ({toolCalls}: Answer): Part[] =>
  toolCalls.map(({input, name}, index) => ({
    functionCall: {name, args: input},
    ...(index === 0 && {thoughtSignature: 'c2lnbmF0dXJl'}),
  }))

function response({model, usage}: Answer, parts: Part[], responseId: string, finishReason?: string) {
  return {
    candidates: [{content: {role: 'model', parts}, ...(finishReason && {finishReason}), index: 0}],
    // As from the real API: until its end a stream knows what was read, but not what is answered.
    usageMetadata: wireUsage(finishReason ? usage : {...usage, output: 0, reasoning: 0}),
    modelVersion: model,
    responseId,
  }
}

/** Of the output, the API counts reasoning apart. */
function wireUsage({cacheRead, cacheWrite, input, output, reasoning = 0}: Usage) {
  const prompt = input + cacheRead + cacheWrite
  return {
    promptTokenCount: prompt,
    candidatesTokenCount: output - reasoning,
    totalTokenCount: prompt + output,
    ...(cacheRead > 0 && {cachedContentTokenCount: cacheRead}),
    ...(reasoning > 0 && {thoughtsTokenCount: reasoning}),
  }
}

const newId = () => randomUUID().replaceAll('-', '')
