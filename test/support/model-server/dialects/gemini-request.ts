import type {Conversation, ToolResult, Turn} from '../call.js'
import type {Route} from '../dialect.js'
import {type Schema, smallestValue} from './smallest-value.js'

/** Reads the body of a request to `/v1beta/models/MODEL:generateContent` or `:streamGenerateContent`. */
export function read(body: unknown, {path}: Route): Conversation {
  const {contents, generationConfig, systemInstruction, tools = []} = body as GenerateContentRequest
  const [, model = '', method] = /\/models\/([^/]+):(\w+)$/.exec(path) ?? []
  const wanted = wantedJson(generationConfig)
  return {
    model,
    stream: method === 'streamGenerateContent',
    system: typeof systemInstruction === 'string' ? systemInstruction : textOf(systemInstruction?.parts),
    turns: contents.map((content) => turnOf(content, wanted === undefined)),
    tools: tools.flatMap((tool) => tool.functionDeclarations ?? []).map(({name}) => name),
    ...(wanted === undefined ? {} : {wanted}),
  }
}

interface GenerateContentRequest {
  contents: Content[]
  systemInstruction?: string | {parts?: Part[]}
  tools?: {functionDeclarations?: {name: string}[]}[]
  generationConfig?: GenerationConfig
}

interface GenerationConfig {
  responseMimeType?: string
  responseJsonSchema?: Schema
  responseSchema?: Schema
}

interface Content {
  role?: 'user' | 'model'
  parts?: Part[]
}

interface Part {
  text?: string
  thought?: boolean
  functionCall?: {name: string; args?: unknown}
  functionResponse?: {name: string; response?: Record<string, unknown>}
}

/** Without `-m`, gemini first asks a small model for JSON: how hard is the prompt, and so which model is to answer it. */
function wantedJson(config: GenerationConfig = {}): unknown {
  if (config.responseMimeType !== 'application/json') return undefined
  return smallestValue(config.responseJsonSchema ?? config.responseSchema ?? {type: 'object'})
}

/** `isMain`: not one of gemini's own questions, whose text quotes the user but is no prompt. */
function turnOf({parts = [], role = 'user'}: Content, isMain: boolean): Turn {
  const toolResults = parts.flatMap(toolResultOf)
  return {
    role: role === 'model' ? 'assistant' : 'user',
    text: textOf(parts),
    prompts: role === 'user' && isMain && toolResults.length === 0 ? promptsOf(parts) : [],
    toolCalls: parts.flatMap(({functionCall}) =>
      functionCall ? [{name: functionCall.name, input: functionCall.args}] : [],
    ),
    toolResults,
  }
}

/** What the user typed: one text part each. An interrupted prompt and the next one are parts of one content. */
function promptsOf(parts: Part[]): string[] {
  const texts = parts.map(({text = ''}) => text.trim())
  // What gemini adds for an `@file` begins with this line, in parts of their own.
  const files = texts.findIndex((text) => text.startsWith('--- Content from referenced files ---'))
  return (files < 0 ? texts : texts.slice(0, files)).filter(
    (text) => text !== '' && !geminisOwn.some((start) => text.startsWith(start)),
  )
}

// Seen with gemini 0.61.0 in user contents; the last two are asked after an answer without visible text.
const geminisOwn = ['<session_context>', '<hook_context>', 'System:', 'Please continue.']

function toolResultOf({functionResponse}: Part): ToolResult[] {
  if (!functionResponse) return []
  const {response = {}} = functionResponse
  const text = response.output ?? response.error ?? ''
  return [{text: typeof text === 'string' ? text : JSON.stringify(text), isError: 'error' in response}]
}

const textOf = (parts: Part[] = []): string =>
  parts.flatMap(({text, thought}) => (text && !thought ? [text] : [])).join('\n')
