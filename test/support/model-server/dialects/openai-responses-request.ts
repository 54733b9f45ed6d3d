import type {Conversation, Turn} from '../call.js'
import {promptsOf} from './codex-prompts.js'

/** Reads the body of a request to `/v1/responses`. Every item of its input is a turn of its own, but instructions. */
export function read(body: unknown): Conversation {
  const {model, stream = false, instructions = '', input, tools = []} = body as ResponsesRequest
  const items = typeof input === 'string' ? [{role: 'user', content: input} satisfies Item] : input
  // codex 0.169.0 leaves `instructions` out and sends the system prompt as the first developer message.
  const developer = items.filter(({role}) => role === 'developer' || role === 'system')
  return {
    model,
    stream,
    system: [instructions, ...developer.map(({content}) => textOf(content))].filter(Boolean).join('\n'),
    turns: items.flatMap(turnsOf),
    tools: tools.map(({name, type}) => name ?? type),
  }
}

function turnsOf({arguments: args, content, input, name = '', output, role, type = 'message'}: Item): Turn[] {
  switch (type) {
    case 'message':
      if (role === 'user') return [{...nothing, text: textOf(content), prompts: promptsOf(textsOf(content))}]
      return role === 'assistant' ? [{...nothing, role, text: textOf(content)}] : []
    case 'function_call':
      return [
        {...nothing, role: 'assistant', toolCalls: [{name, input: JSON.parse(args ?? '{}') as unknown}]},
      ]
    case 'custom_tool_call':
      return [{...nothing, role: 'assistant', toolCalls: [{name, input}]}]
    case 'function_call_output':
    case 'custom_tool_call_output':
      // Whether a tool failed is said in its text alone.
      return [{...nothing, toolResults: [{text: textOf(output), isError: false}]}]
    case 'reasoning':
      return [{...nothing, role: 'assistant'}]
    default:
      return []
  }
}

interface ResponsesRequest {
  model: string
  stream?: boolean
  instructions?: string
  input: string | Item[]
  tools?: {type: string; name?: string}[]
}

interface Item {
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

const nothing: Turn = {role: 'user', text: '', prompts: [], toolCalls: [], toolResults: []}
