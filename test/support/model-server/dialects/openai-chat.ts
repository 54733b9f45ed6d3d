import {newId, NO_TURN, splitText, sse, typedOf} from '../answer.js'
import type {Answer, Conversation, Dialect, ErrorReply, Frame} from '../types.js'
import type {StreamError, ToolCall, Turn, Usage} from '../types.js'

/** Reads the body of a request to `/chat/completions`. Every message is a turn of its own, but instructions. */
function read(body: unknown): Conversation {
  const {messages, model, stream = false} = body as ChatRequest
  const system = messages.filter(({role}) => isInstruction(role)).map(({content}) => textOf(content))
  const isTitle = system.some((text) => text.startsWith(TITLE))
  return {
    model,
    stream,
    system: system.join('\n'),
    turns: messages.filter(({role}) => !isInstruction(role)).map((message) => turnOf(message, isTitle)),
    ...(isTitle ? {wanted: 'A title'} : {}),
  }
}

function turnOf({content, role, tool_calls: calls = []}: Message, isTitle: boolean): Turn {
  const text = textOf(content)
  if (role === 'assistant') return {...NO_TURN, role, text, toolCalls: calls.map((call) => callOf(call))}
  // Whether a tool failed is said in its text alone.
  if (role === 'tool') return {...NO_TURN, toolResults: [{text, isError: false}]}
  return {...NO_TURN, text, prompts: isTitle ? [] : typedOf(textsOf(content), [])}
}

const callOf = ({function: {arguments: args, name}}: Call): ToolCall => ({
  name,
  input: JSON.parse(args || '{}') as unknown,
})

interface ChatRequest {
  model: string
  stream?: boolean
  messages: Message[]
}

interface Message {
  role: 'system' | 'developer' | 'user' | 'assistant' | 'tool'
  content?: Content
  tool_calls?: Call[]
}

type Content = string | null | undefined | {text?: string}[]

interface Call {
  function: {name: string; arguments: string}
}

const isInstruction = (role: Message['role']) => role === 'system' || role === 'developer'

const textsOf = (content: Content): string[] =>
  typeof content === 'string' ? [content] : (content ?? []).flatMap(({text}) => text ?? [])

const textOf = (content: Content): string => textsOf(content).join('\n')

// Seen with opencode 1.18.33: its own question for a new session that was given no title.
const TITLE = 'You are a title generator'

/** The answer as one completion. */
function whole(answer: Answer) {
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
function* frames(answer: Answer): Generator<Frame> {
  const {chunks, text, thinking} = answer
  const id = newId()
  const chunk = (fields: object): string =>
    sse({...envelope(answer, id), object: 'chat.completion.chunk', ...fields})
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

const streamError = ({message, type}: StreamError): string =>
  sse({error: {message, type, param: null, code: type}})

const envelope = ({model}: Answer, id: string) => ({id, created: Math.floor(Date.now() / 1000), model})

const callsOf = ({toolCalls}: Answer) =>
  toolCalls.map(({input, name}) => ({
    id: `call_${newId()}`,
    type: 'function',
    function: {name, arguments: JSON.stringify(input)},
  }))

const finishOf = ({toolCalls}: Answer) => (toolCalls.length > 0 ? 'tool_calls' : 'stop')

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

const errorTypes: Record<number, string | undefined> = {
  400: 'invalid_request_error',
  401: 'invalid_api_key',
  429: 'rate_limit_exceeded',
}

/** The body of an HTTP error, the same in both of OpenAI's APIs. */
export function openaiError({status, message = `simulated ${status}`}: ErrorReply) {
  const type = errorTypes[status] ?? 'server_error'
  return {error: {message, type, param: null, code: type}}
}

/** OpenAI's older Chat Completions API, which most other vendors offer too, as far as opencode uses it. */
export const openaiChat: Dialect = {
  matches: ({method, path}) => method === 'POST' && path.endsWith('/chat/completions'),
  read,
  frames,
  whole,
  streamError,
  error: openaiError,
  side: () => undefined,
}
