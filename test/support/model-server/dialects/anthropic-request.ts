import type {Conversation, ToolResult, Turn} from '../call.js'
import type {ToolCall} from '../reply.js'
import {userTurns} from './claude-user-turns.js'

/** Reads the body of a request to `/v1/messages`. */
export function read(body: unknown): Conversation {
  const {model, stream = false, system = [], messages, tools = []} = body as MessagesRequest
  // claude 2.1.197 also sends messages of role `system`: the list of its agents, the content of files named by @.
  const instructions = messages.filter((message) => message.role === 'system')
  return {
    model,
    stream,
    system: [system, ...instructions.map((message) => message.content)].map(textOf).join('\n'),
    turns: messages.flatMap(turnsOf),
    tools: tools.map((tool) => tool.name),
  }
}

interface MessagesRequest {
  model: string
  stream?: boolean
  system?: Content
  messages: Message[]
  tools?: {name: string}[]
}

interface Message {
  role: 'user' | 'assistant' | 'system'
  content: Content
}

type Content = string | Block[]

type Block =
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

const toolCalls = (block: Block): ToolCall[] =>
  block.type === 'tool_use' ? [{name: block.name, input: block.input}] : []

const toolResults = (block: Block): ToolResult[] =>
  block.type === 'tool_result' ? [{text: textOf(block.content ?? ''), isError: block.is_error ?? false}] : []

const blocksOf = (content: Content): Block[] =>
  typeof content === 'string' ? [{type: 'text', text: content}] : content

const textOf = (content: Content): string =>
  blocksOf(content)
    .flatMap((block) => (block.type === 'text' ? [block.text] : []))
    .join('\n')
