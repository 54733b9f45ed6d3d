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

function turnsOf({
  arguments: args,
  content,
  input,
  name = '',
  output,
  role,
  type = 'message',
}: SentItem): Turn[] {
  switch (type) {
    case 'message':
      if (role === 'user')
        return [{...NO_TURN, text: textOf(content), prompts: typedOf(textsOf(content), codexsOwn)}]
      return role === 'assistant' ? [{...NO_TURN, role, text: textOf(content)}] : []
    case 'function_call':
      return [
        {...NO_TURN, role: 'assistant', toolCalls: [{name, input: JSON.parse(args ?? '{}') as unknown}]},
      ]
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

type Item =
  | {
      type: 'reasoning'
      id: string
      summary: {type: 'summary_text'; text: string}[]
      encrypted_content: string
    }
  | {type: 'message'; id: string; status: string; role: 'assistant'; content: TextPart[]}
  | {
      type: 'function_call'
      id: string
      status: string
      call_id: string
      name: string
      namespace?: string
      arguments: string
    }
  | {
      type: 'custom_tool_call'
      id: string
      status: string
      call_id: string
      name: string
      namespace?: string
      input: string
    }

interface TextPart {
  type: 'output_text'
  text: string
  annotations: []
}

/** The answer as one response. */
const whole = (answer: Answer) => completed(answer, newId('resp'), items(answer))

/** The output items of an answer, in the order in which the real API gives them. */
function items({text, thinking, toolCalls}: Answer): Item[] {
  const list: Item[] = []
  if (thinking !== undefined) {
    const summary = [{type: 'summary_text' as const, text: thinking}]
    list.push({type: 'reasoning', id: newId('rs'), summary, encrypted_content: 'cmVhc29uaW5n'})
  }
  if (text !== undefined) {
    const content = [textPart(text)]
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

const textPart = (text: string): TextPart => ({type: 'output_text', text, annotations: []})

/** The response before anything is in it. */
const begun = ({model}: Answer, id: string) => ({
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

/** The response with everything in it. */
const completed = (answer: Answer, id: string, output: Item[]) => ({
  ...begun(answer, id),
  status: 'completed',
  output,
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

const newId = (kind: string) => `${kind}_${randomId()}`

/** The answer as the events of a stream. */
function* frames(answer: Answer): Generator<Frame> {
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
  yield numbered({type: 'response.completed', response: completed(answer, id, output)})
}

/** A response that fails after it has begun. */
const streamError = ({message, type}: StreamError): string =>
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
  data: sse(event, event.type),
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

/** OpenAI's Responses API, as far as codex uses it. Any path may lead to it: `/v1/responses`, `/openai/v1/responses`. */
export const openaiResponses: Dialect = {
  matches: ({method, path}) => method === 'POST' && path.endsWith('/responses'),
  read,
  frames,
  whole,
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
