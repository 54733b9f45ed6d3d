import {randomUUID} from 'node:crypto'
import type {Answer} from '../dialect.js'
import type {Usage} from '../reply.js'

export type Item =
  | {
      type: 'reasoning'
      id: string
      summary: {type: 'summary_text'; text: string}[]
      encrypted_content: string
    }
  | {type: 'message'; id: string; status: string; role: 'assistant'; content: TextPart[]}
  | {type: 'function_call'; id: string; status: string; call_id: string; name: string; arguments: string}
  | {type: 'custom_tool_call'; id: string; status: string; call_id: string; name: string; input: string}

export interface TextPart {
  type: 'output_text'
  text: string
  annotations: []
}

/** The answer as one response. */
export const whole = (answer: Answer) => completed(answer, newId('resp'), items(answer))

/** The output items of an answer, in the order in which the real API gives them. */
export function items({text, thinking, toolCalls}: Answer): Item[] {
  const list: Item[] = []
  if (thinking !== undefined) {
    const summary = [{type: 'summary_text' as const, text: thinking}]
    list.push({type: 'reasoning', id: newId('rs'), summary, encrypted_content: 'cmVhc29uaW5n'})
  }
  if (text !== undefined) {
    const content = [textPart(text)]
    list.push({type: 'message', id: newId('msg'), status: 'completed', role: 'assistant', content})
  }
  for (const {name, input} of toolCalls) {
    const call = {status: 'completed', call_id: newId('call'), name}
    list.push(
      typeof input === 'string'
        ? {type: 'custom_tool_call', id: newId('ctc'), ...call, input}
        : {type: 'function_call', id: newId('fc'), ...call, arguments: JSON.stringify(input)},
    )
  }
  return list
}

export const textPart = (text: string): TextPart => ({type: 'output_text', text, annotations: []})

/** The response before anything is in it. */
export const begun = ({model}: Answer, id: string) => ({
  id,
  object: 'response',
  created_at: Math.floor(Date.now() / 1000),
  status: 'in_progress',
  model,
  output: [] as Item[],
  parallel_tool_calls: true,
  error: null,
  incomplete_details: null,
  usage: null,
})

/** The response with everything in it. A `stop` is the reason why it is incomplete. */
export const completed = (answer: Answer, id: string, output: Item[]) => ({
  ...begun(answer, id),
  status: answer.stop === undefined ? 'completed' : 'incomplete',
  output,
  incomplete_details: answer.stop === undefined ? null : {reason: answer.stop},
  usage: wireUsage(answer.usage),
})

/** Here everything that was sent counts as input, cached or not. */
function wireUsage({cacheRead, cacheWrite, input, output, reasoning = 0}: Usage) {
  const all = input + cacheRead + cacheWrite
  return {
    input_tokens: all,
    input_tokens_details: {cached_tokens: cacheRead},
    output_tokens: output,
    output_tokens_details: {reasoning_tokens: reasoning},
    total_tokens: all + output,
  }
}

export const newId = (kind: string) => `${kind}_${randomUUID().replaceAll('-', '')}`
