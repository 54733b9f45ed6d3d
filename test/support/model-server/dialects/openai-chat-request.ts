import type {Conversation, Turn} from '../call.js'
import type {ToolCall} from '../reply.js'

/** Reads the body of a request to `/chat/completions`. Every message is a turn of its own, but instructions. */
export function read(body: unknown): Conversation {
  const {messages, model, stream = false, tools = []} = body as ChatRequest
  const system = messages.filter(({role}) => isInstruction(role)).map(({content}) => textOf(content))
  const isTitle = system.some((text) => text.startsWith(TITLE))
  return {
    model,
    stream,
    system: system.join('\n'),
    turns: messages.filter(({role}) => !isInstruction(role)).map((message) => turnOf(message, isTitle)),
    tools: tools.map(({function: {name}}) => name),
    ...(isTitle ? {wanted: 'A title'} : {}),
  }
}

function turnOf({content, role, tool_calls: calls = []}: Message, isTitle: boolean): Turn {
  const text = textOf(content)
  if (role === 'assistant') return {...nothing, role, text, toolCalls: calls.map((call) => callOf(call))}
  // Whether a tool failed is said in its text alone.
  if (role === 'tool') return {...nothing, toolResults: [{text, isError: false}]}
  return {...nothing, text, prompts: isTitle ? [] : promptsOf(content)}
}

/** What the user typed: one text each. What opencode writes there itself is no prompt. */
function promptsOf(content: Content): string[] {
  return textsOf(content)
    .map((text) => text.replaceAll(reminders, '').trim())
    .filter((text) => text !== '' && !opencodesOwn.some((start) => text.startsWith(start)))
}

const callOf = ({function: {arguments: args, name}}: Call): ToolCall => ({
  name,
  input: JSON.parse(args || '{}') as unknown,
})

interface ChatRequest {
  model: string
  stream?: boolean
  messages: Message[]
  tools?: {function: {name: string}}[]
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

// Seen with opencode 1.18.33: its own question for a new session that was given no title, and what it adds to prompts.
const TITLE = 'You are a title generator'
const reminders = /<system-reminder>[^]*?<\/system-reminder>/g
const opencodesOwn: string[] = []

const nothing: Turn = {role: 'user', text: '', prompts: [], toolCalls: [], toolResults: []}
