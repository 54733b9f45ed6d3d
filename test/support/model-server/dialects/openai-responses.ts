import {openaiError} from './openai-chat.js'
import {newId as randomId, NO_TURN, splitText, sse, typedOf} from '../answer.js'
import type {Answer, Conversation, Dialect, Frame, StreamError, Turn, Usage} from '../types.js'

/** Reads the body of a request to `/v1/responses`. Every item of its input is a turn of its own, but instructions. */
function read(body: unknown): Conversation {
  const {model, stream = false, instructions = '', input, text} = body as ResponsesRequest
  const items = typeof input === 'string' ? [{role: 'user', content: input} satisfies SentItem] : input
  // codex 0.169.0 leaves `instructions` out and sends the system prompt as the first developer message.
  const developer = items.filter(({role}) => role === 'developer' || role === 'system')
  return {
    model,
    stream,
    system: [instructions, ...developer.map(({content}) => textOf(content))].filter(Boolean).join('\n'),
    turns: items.flatMap(turnsOf),
    schema: text?.format?.schema,
  }
}

function turnsOf(item: SentItem): Turn[] {
  const {arguments: args = '{}', content, input, name = '', output, role, type = 'message'} = item
  switch (type) {
    case 'message':
      if (role === 'user')
        return [{...NO_TURN, text: textOf(content), prompts: typedOf(textsOf(content), codexsOwn)}]
      return role === 'assistant' ? [{...NO_TURN, role, text: textOf(content)}] : []
    case 'function_call':
      return [{...NO_TURN, role: 'assistant', toolCalls: [{name, input: JSON.parse(args) as unknown}]}]
    case 'custom_tool_call':
      return [{...NO_TURN, role: 'assistant', toolCalls: [{name, input}]}]
    case 'function_call_output':
    case 'custom_tool_call_output':
      // Whether a tool failed is said in its text alone.
      return [{...NO_TURN, toolResults: [{text: textOf(output), isError: false}]}]
    case 'reasoning':
      return [{...NO_TURN, role: 'assistant'}]
    default:
      return []
  }
}

interface ResponsesRequest {
  model: string
  stream?: boolean
  instructions?: string
  input: string | SentItem[]
  text?: {format?: {schema?: unknown}}
}

interface SentItem {
  type?: string
  role?: string
  content?: Content
  // function_call, custom_tool_call
  name?: string
  arguments?: string
  input?: string
  // function_call_output, custom_tool_call_output
  output?: Content
}

type Content = string | {text?: string}[]

const textsOf = (content: Content = ''): string[] =>
  typeof content === 'string' ? [content] : content.flatMap(({text}) => text ?? [])

const textOf = (content?: Content): string => textsOf(content).join('\n')

// Seen with codex 0.169.0, each as a user message of its own. It makes no side calls in the environment of `codexEnv`.
const codexsOwn = [
  '<environment_context>',
  '# AGENTS.md instructions',
  '<user_instructions>',
  '<turn_aborted>',
  '<permissions instructions>',
  '<skills_instructions>',
  '<collaboration_mode>',
]

interface Item {
  type: string
  id: string
  [field: string]: unknown
}

/** The answer as one response. */
function whole(answer: Answer, id = newId('resp'), output = items(answer)) {
  return {...begun(answer, id), status: 'completed', output, usage: wireUsage(answer.usage)}
}

/** The output items of an answer, in the order in which the real API gives them. */
function items({text, thinking, toolCalls}: Answer): Item[] {
  const list: Item[] = []
  if (thinking !== undefined) {
    const summary = [{type: 'summary_text', text: thinking}]
    list.push({type: 'reasoning', id: newId('rs'), summary, encrypted_content: 'cmVhc29uaW5n'})
  }
  if (text !== undefined) {
    const content = [{type: 'output_text', text, annotations: []}]
    list.push({type: 'message', id: newId('msg'), status: 'completed', role: 'assistant', content})
  }
  for (const {name, namespace, input} of toolCalls) {
    const call = {status: 'completed', call_id: newId('call'), name, namespace}
    list.push(
      typeof input === 'string'
        ? {type: 'custom_tool_call', id: newId('ctc'), ...call, input}
        : {type: 'function_call', id: newId('fc'), ...call, arguments: JSON.stringify(input)},
    )
  }
  return list
}

/** The response before anything is in it. */
const begun = ({model}: Answer, id: string) => ({
  id,
  object: 'response',
  created_at: Math.floor(Date.now() / 1000),
  status: 'in_progress',
  model,
  output: [] as Item[],
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

const newId = (kind: string) => `${kind}_${randomId()}`

/** The answer as those events of a stream that codex reads. */
function* frames(answer: Answer): Generator<Frame> {
  const {chunks, text = '', thinking = ''} = answer
  const id = newId('resp')
  const output = items(answer)
  yield frame('response.created', {response: begun(answer, id)})
  for (const [index, item] of output.entries()) {
    const place = {output_index: index, item_id: item.id}
    const empty = {...item, status: 'in_progress', content: [], summary: []}
    yield frame('response.output_item.added', {output_index: index, item: empty})
    if (item.type === 'reasoning')
      for (const delta of splitText(thinking, 2))
        yield frame('response.reasoning_summary_text.delta', {...place, summary_index: 0, delta})
    if (item.type === 'message')
      for (const delta of splitText(text, chunks))
        yield frame('response.output_text.delta', {...place, content_index: 0, delta}, true)
    yield frame('response.output_item.done', {output_index: index, item})
  }
  yield frame('response.completed', {response: whole(answer, id, output)})
}

/** A response that fails after it has begun. */
const streamError = ({message, type}: StreamError): string => {
  const error = {code: type, message}
  const response = {id: newId('resp'), object: 'response', status: 'failed', error, output: []}
  return frame('response.failed', {response}).data
}

const frame = (type: string, fields: object, text = false): Frame => ({
  data: sse({type, ...fields}, type),
  text,
})

/** OpenAI's Responses API, as far as codex uses it. Any path may lead to it: `/v1/responses`, `/openai/v1/responses`. */
export const openaiResponses: Dialect = {
  matches: ({method, path}) => method === 'POST' && path.endsWith('/responses'),
  read,
  frames,
  whole: (answer) => whole(answer),
  streamError,
  error: openaiError,
  side({method, path}) {
    return method === 'GET' && path.endsWith('/openai/v1/models') ? modelList : undefined
  },
}

const modelList = {
  object: 'list',
  data: ['gpt-5.5', 'gpt-5.4'].map((id) => ({
    id,
    object: 'model',
    created: 1_767_225_600,
    owned_by: 'openai',
  })),
}
