import {asText, countOf, inputOf, type Parsed, parseList, timeOf} from 'clinvk-backend-sdk'
import type {ModelCall, TranscriptMessage} from 'clinvk-contract'
import {toolTarget} from './denial.js'
import {AGREED, OWN_WORDS, saidOf} from './messages.js'

export type Entry = TranscriptMessage | ModelCall

/** A message as gemini 0.61 keeps it: whatever is of another type than it should be is left out. */
export interface StoredMessage extends Omit<Parsed<typeof MESSAGE>, 'thoughts'> {
  readonly id: string
  /** Without what the model thought. */
  readonly text: string
  readonly thoughts: readonly string[]
  readonly calls: readonly Call[]
  /** The answers of tools, which stand in a message of the user. */
  readonly results: readonly Result[]
}

type Call = Parsed<typeof CALL> & {readonly id: string; readonly name: string}

interface Result {
  readonly callId: string
  readonly output: string
  readonly isError: boolean
  /** ISO 8601. */
  readonly time?: string
}

export function messagesIn(list: unknown): StoredMessage[] {
  return parseList(list, MESSAGE).flatMap(({content, id, thoughts, toolCalls, type, ...message}) => {
    if (!id || (type !== 'user' && type !== 'gemini')) return []
    const parts = typeof content === 'string' ? [{text: content}] : parseList(content, PART)
    const texts = (isThought: boolean) =>
      parts.flatMap(({text, thought = false}) => (thought === isThought ? (text ?? []) : []))
    const summaries = parseList(thoughts, {subject: '', description: ''})
      .map(({description, subject}) => [subject, description].filter(Boolean).join(': '))
      .filter((words) => words !== '')
    const called = parseList(toolCalls, CALL)
    const calls = called.length > 0 ? called : parts.flatMap(({functionCall}) => functionCall ?? [])
    return {
      ...message,
      id,
      type,
      text: texts(false).join(''),
      thoughts: summaries.length > 0 ? summaries : texts(true),
      calls: calls.filter((call): call is Call => call.name !== undefined && call.id !== undefined),
      results: resultsIn(parts),
    }
  })
}

/** Whether gemini takes this for a part of the conversation (`isResumableMessageRecord`). */
export function isSaid({calls, text, thoughts, type}: StoredMessage): boolean {
  const said = text.trim()
  if (type === 'user') return said !== '' && !/^(?:[/?]|<session_context>|<hook_context>)/.test(said)
  return said !== '' || calls.length > 0 || thoughts.length > 0
}

/** What a message says, and what its model call has used. */
export function* entriesOf(message: StoredMessage, at: string, subAgent?: string): Generator<Entry> {
  const {calls, id, model, results, text, thoughts, tokens, type} = message
  const details = {at, model, subAgent}
  const assistant = {...details, role: 'assistant'} as const
  if (type === 'gemini') {
    if (thoughts.length > 0)
      yield {...assistant, type: 'reasoning', id: `${id}/thoughts`, text: thoughts.join('\n\n')}
    if (text !== '' && text !== AGREED) yield {...assistant, type: 'text', id, text: saidOf(text)}
  } else if (subAgent === undefined && results.length === 0 && isSaid(message) && !OWN_WORDS.test(text))
    yield {...details, type: 'text', role: 'user', id, text: saidOf(text)}

  for (const {args, id: callId, name} of type === 'gemini' ? calls : []) {
    const input = inputOf(args)
    const call = {callId, name, input, target: toolTarget(input)}
    yield {...assistant, type: 'tool_call', id: `${id}/${callId}`, ...call}
  }

  // They stand with the call and in the message after it, and again after each resume.
  for (const {callId, time = at, ...result} of [...calls.flatMap((call) => resultOf(call)), ...results])
    yield {at: time, subAgent, type: 'tool_result', role: 'tool', id: `${callId}/result`, callId, ...result}

  // Gemini tells zeros for a call that failed. A tool call is written only when the tool has ended, so no message says
  // that the turn has.
  const numbers = COUNTS.map((name) => countOf(tokens?.[name]))
  const [inputTokens = 0, answered = 0, cachedTokens = 0, reasoningTokens = 0] = numbers
  const counts = {inputTokens, cachedTokens, outputTokens: answered + reasoningTokens, reasoningTokens}
  if (inputTokens + counts.outputTokens > 0) yield {type: 'call', id, at, model, subAgent, ...counts}
}

function resultOf({id: callId, result, status, timestamp}: Call): Result[] {
  const isError = status === 'error' || status === 'cancelled'
  const [found] = resultsIn(parseList(result, PART))
  if (!found && !isError) return []
  return [{callId, output: found?.output ?? '', isError, time: timeOf(timestamp)}]
}

function resultsIn(parts: readonly Parsed<typeof PART>[]): Result[] {
  return parts.flatMap(({functionResponse: {id, response} = {}}) => {
    if (id === undefined) return []
    const [{error, output} = {}] = parseList([response], {error: null, output: null})
    return {callId: id, output: asText(output ?? error ?? response), isError: error !== undefined}
  })
}

/** `result`: parts. */
const CALL = {id: '', name: '', args: null, result: null, status: '', timestamp: null} as const
const PART = {
  text: '',
  thought: true,
  functionCall: CALL,
  functionResponse: {id: '', response: null},
} as const
const MESSAGE = {
  id: '',
  type: '',
  timestamp: null,
  model: '',
  // A text, or parts.
  content: null,
  thoughts: null,
  tokens: {input: 0, output: 0, cached: 0, thoughts: 0},
  toolCalls: null,
} as const
const COUNTS = ['input', 'output', 'cached', 'thoughts'] as const
