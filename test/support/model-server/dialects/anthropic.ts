import {newId, NO_TURN, splitText, sse, typedOf} from '../answer.js'
import type {Answer, Conversation, Dialect, Frame, StreamError} from '../types.js'
import type {ToolCall, ToolResult, Turn, Usage} from '../types.js'

/** Reads the body of a request to `/v1/messages`. */
function read(body: unknown): Conversation {
  const {model, stream = false, system = [], messages, tools = []} = body as MessagesRequest
  // claude 2.1.197 also sends messages of role `system`: the list of its agents, the content of files named by @.
  const instructions = messages.filter((message) => message.role === 'system')
  return {
    model,
    stream,
    system: [system, ...instructions.map((message) => message.content)].map(textOf).join('\n'),
    turns: messages.flatMap(turnsOf),
    schema: tools.find(({name}) => name === 'StructuredOutput')?.input_schema,
  }
}

interface MessagesRequest {
  model: string
  stream?: boolean
  system?: Content
  messages: Message[]
  tools?: {name: string; input_schema?: unknown}[]
}

interface Message {
  role: 'user' | 'assistant' | 'system'
  content: Content
}

type Content = string | SentBlock[]

type SentBlock =
  | {type: 'text'; text: string}
  | {type: 'tool_use'; name: string; input: unknown}
  | {type: 'tool_result'; content?: Content; is_error?: boolean}
  | {type: 'thinking' | 'redacted_thinking' | 'image' | 'document'}

function turnsOf({role, content}: Message): Turn[] {
  if (role === 'system') return []
  const texts = blocksOf(content).flatMap((block) => (block.type === 'text' ? [block.text] : []))
  const turn: Turn = {
    role,
    text: texts.join('\n'),
    prompts: [],
    toolCalls: blocksOf(content).flatMap(toolCalls),
    toolResults: blocksOf(content).flatMap(toolResults),
  }
  return role === 'user' ? userTurns(turn, texts) : [turn]
}

const toolCalls = (block: SentBlock): ToolCall[] =>
  block.type === 'tool_use' ? [{name: block.name, input: block.input}] : []

const toolResults = (block: SentBlock): ToolResult[] =>
  block.type === 'tool_result' ? [{text: textOf(block.content ?? ''), isError: block.is_error ?? false}] : []

const blocksOf = (content: Content): SentBlock[] =>
  typeof content === 'string' ? [{type: 'text', text: content}] : content

const textOf = (content: Content): string =>
  blocksOf(content)
    .flatMap((block) => (block.type === 'text' ? [block.text] : []))
    .join('\n')

/**
 * Finds what the user typed among the text blocks of a user message. An interrupted prompt and the next one may be
 * blocks of one message; what claude writes there itself is no prompt.
 */
function userTurns(turn: Turn, texts: string[]): Turn[] {
  const written = typedOf(texts, [])
  const nudged = written.findIndex((text) => text.startsWith(nudge))
  if (nudged < 0 || (nudged === 0 && turn.toolResults.length === 0))
    return [{...turn, prompts: typedOf(written, claudesOwn)}]
  // An answer without visible text is not sent again: the nudge right after what it answered is its only trace.
  return [
    {...turn, prompts: typedOf(written.slice(0, nudged), claudesOwn)},
    {...NO_TURN, role: 'assistant'},
    {...NO_TURN, text: nudge, prompts: typedOf(written.slice(nudged), claudesOwn)},
  ]
}

const nudge = '[Your previous response had no visible output.'

// Seen with claude 2.1.197, each as a text block of its own in a user message. Side calls: `claude -p` makes none in
// the environment of `claudeEnv`, but for a HEAD / before the first call. The interactive program asks for a title
// (`<session>`, no tools, beside every prompt), `/compact` for a summary (`CRITICAL:`), each sub-agent makes calls with
// a conversation of its own, and a background command that ends brings one more call (`<task-notification>`). After a
// stream that broke, claude asks again without streaming. `usage` of claude's result leaves out that second asking and
// sub-agents; `modelUsage` has every call of the process.
const claudesOwn = [
  nudge,
  '[Request interrupted by user',
  '[structured-output-enforce]',
  'Continue from where you left off.',
  'Output token limit hit. Resume directly',
  'This session is being continued from a previous conversation',
  '<session>',
  '<command-name>',
  '<command-message>',
  '<local-command-',
  '<task-notification>',
  'CRITICAL: Respond with TEXT ONLY.',
]

/** The answer as one message. */
function whole(answer: Answer) {
  const content = blocks(answer).map(({block}) => block)
  return {...envelope(answer), content, ...stop(answer), usage: wireUsage(answer.usage)}
}

interface Block {
  block: object
  /** What a stream has of it at first. */
  begun: object
  deltas: object[]
}

/** The content blocks of an answer, in the order in which the real API gives them. */
function blocks({chunks, text, thinking, toolCalls}: Answer): Block[] {
  const list: Block[] = []
  if (thinking !== undefined) {
    const signature = 'c2lnbmF0dXJl'
    const pieces = splitText(thinking, 2).map((piece) => ({type: 'thinking_delta', thinking: piece}))
    list.push({
      block: {type: 'thinking', thinking, signature},
      begun: {type: 'thinking', thinking: '', signature: ''},
      deltas: [...pieces, {type: 'signature_delta', signature}],
    })
  }
  if (text !== undefined) {
    const deltas = splitText(text, chunks).map((piece) => ({type: 'text_delta', text: piece}))
    list.push({block: {type: 'text', text}, begun: {type: 'text', text: ''}, deltas})
  }
  for (const {name, input} of toolCalls) {
    const begun = {type: 'tool_use', id: `toolu_${newId()}`, name, input: {}}
    const pieces = splitText(JSON.stringify(input), 2)
    const deltas = pieces.map((json) => ({type: 'input_json_delta', partial_json: json}))
    list.push({block: {...begun, input}, begun, deltas})
  }
  return list
}

const envelope = ({model}: Answer) => ({id: `msg_${newId()}`, type: 'message', role: 'assistant', model})

const stop = (answer: Answer) => ({
  stop_reason: answer.toolCalls.length > 0 ? 'tool_use' : 'end_turn',
  stop_sequence: null,
})

const wireUsage = ({input, cacheRead, cacheWrite, output}: Usage) => ({
  input_tokens: input,
  cache_creation_input_tokens: cacheWrite,
  cache_read_input_tokens: cacheRead,
  output_tokens: output,
})

/** The answer as the events of a stream. */
function* frames(answer: Answer): Generator<Frame> {
  // As from the real API, the first event knows what was read, but of the output only that it has begun.
  const usage = wireUsage({...answer.usage, output: 1})
  yield frame('message_start', {
    message: {...envelope(answer), content: [], stop_reason: null, stop_sequence: null, usage},
  })
  for (const [index, {begun, deltas}] of blocks(answer).entries()) {
    yield frame('content_block_start', {index, content_block: begun})
    for (const delta of deltas) {
      yield frame('content_block_delta', {index, delta}, 'text' in delta)
    }
    yield frame('content_block_stop', {index})
  }
  yield frame('message_delta', {delta: stop(answer), usage: wireUsage(answer.usage)})
  yield frame('message_stop', {})
}

const streamError = (error: StreamError): string => frame('error', {error}).data

const frame = (type: string, fields: object, text = false): Frame => ({
  data: sse({type, ...fields}, type),
  text,
})

/** Anthropic's Messages API, as far as claude uses it. */
export const anthropic: Dialect = {
  matches: ({method, path}) => method === 'POST' && path === '/v1/messages',
  read,
  frames,
  whole,
  streamError,
  error({status, message = `simulated ${status}`}) {
    return {
      type: 'error',
      error: {type: errorTypes[status] ?? 'api_error', message},
      request_id: `req_${newId()}`,
    }
  },
  side({method, path}, body) {
    if (method === 'POST' && path === '/v1/messages/count_tokens') {
      return {input_tokens: Math.ceil(JSON.stringify(body).length / 4)}
    }
    if (method === 'GET' && path === '/v1/models') return modelList
    return undefined
  },
}

const errorTypes: Record<number, string | undefined> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  429: 'rate_limit_error',
}

const models = ['claude-opus-4-8', 'claude-sonnet-5', 'claude-haiku-4-5-20251001']

const modelList = {
  data: models.map((id) => ({type: 'model', id, display_name: id, created_at: '2026-01-01T00:00:00Z'})),
  has_more: false,
  first_id: models[0],
  last_id: models.at(-1),
}
