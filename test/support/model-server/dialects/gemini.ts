import {newId, splitText, typedOf} from '../answer.js'
import type {Answer, Conversation, Dialect, Frame, Route} from '../types.js'
import type {StreamError, ToolResult, Turn, Usage} from '../types.js'

/** Reads the body of a request to `/v1beta/models/MODEL:generateContent` or `:streamGenerateContent`. */
function read(body: unknown, {path}: Route): Conversation {
  const {contents, generationConfig, systemInstruction} = body as GenerateContentRequest
  const [, model = '', method] = /\/models\/([^/]+):(\w+)$/.exec(path) ?? []
  const wanted = wantedJson(generationConfig)
  return {
    model,
    stream: method === 'streamGenerateContent',
    system: typeof systemInstruction === 'string' ? systemInstruction : textOf(systemInstruction?.parts),
    turns: contents.map((content) => turnOf(content, wanted === undefined)),
    ...(wanted === undefined ? {} : {wanted}),
  }
}

interface GenerateContentRequest {
  contents: Content[]
  systemInstruction?: string | {parts?: SentPart[]}
  generationConfig?: GenerationConfig
}

interface GenerationConfig {
  responseMimeType?: string
  responseJsonSchema?: Schema
  responseSchema?: Schema
}

interface Content {
  role?: 'user' | 'model'
  parts?: SentPart[]
}

interface SentPart {
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
function promptsOf(parts: SentPart[]): string[] {
  const texts = parts.map(({text = ''}) => text.trim())
  // What gemini adds for an `@file` begins with this line, in parts of their own.
  const files = texts.findIndex((text) => text.startsWith('--- Content from referenced files ---'))
  return typedOf(files < 0 ? texts : texts.slice(0, files), geminisOwn)
}

// Seen with gemini 0.61.0 in user contents; the last two are asked after an answer without visible text.
const geminisOwn = ['<session_context>', '<hook_context>', 'System:', 'Please continue.']

function toolResultOf({functionResponse}: SentPart): ToolResult[] {
  if (!functionResponse) return []
  const {response = {}} = functionResponse
  const text = response.output ?? response.error ?? ''
  return [{text: typeof text === 'string' ? text : JSON.stringify(text), isError: 'error' in response}]
}

const textOf = (parts: SentPart[] = []): string =>
  parts.flatMap(({text, thought}) => (text && !thought ? [text] : [])).join('\n')

/** A JSON schema, as far as agents ask for one. */
interface Schema {
  type?: string | string[]
  enum?: unknown[]
  properties?: Record<string, Schema>
  minimum?: number
}

/** The smallest value that a JSON schema allows. */
function smallestValue(schema: Schema): unknown {
  if (schema.enum) return schema.enum[0]
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type
  switch ((type ?? (schema.properties ? 'object' : 'string')).toLowerCase()) {
    case 'object':
      return Object.fromEntries(
        Object.entries(schema.properties ?? {}).map(([name, property]) => [name, smallestValue(property)]),
      )
    case 'array':
      return []
    case 'number':
    case 'integer':
      return schema.minimum ?? 1
    case 'boolean':
      return false
    default:
      return 'simulated'
  }
}

/** The answer as one response. */
function whole(answer: Answer) {
  const {text, thinking} = answer
  const parts: Part[] = [
    ...(thinking === undefined ? [] : [{text: thinking, thought: true}]),
    ...(text === undefined ? [] : [{text}]),
    ...callsOf(answer),
  ]
  return response(answer, parts, newId(), 'STOP')
}

/** The answer as the events of a stream. */
function* frames(answer: Answer): Generator<Frame> {
  const {chunks, text, thinking, toolCalls} = answer
  const id = newId()
  const frame = (parts: Part[], isText = false, finish?: string): Frame => ({
    data: event(response(answer, parts, id, finish)),
    text: isText,
  })
  if (thinking !== undefined) yield frame([{text: thinking, thought: true}])
  if (text !== undefined) for (const piece of splitText(text, chunks)) yield frame([{text: piece}], true)
  if (toolCalls.length > 0) yield frame(callsOf(answer))
  yield frame([{text: ''}], false, 'STOP')
}

const streamError = ({message, type}: StreamError): string =>
  event({error: {code: 503, message, status: type}})

const event = (value: unknown) => `data: ${JSON.stringify(value)}\r\n\r\n`

interface Part {
  text?: string
  thought?: boolean
  functionCall?: {name: string; args: unknown}
  thoughtSignature?: string
}

/** The first call carries the signature that the real API wants back with the next request. */
const callsOf = ({toolCalls}: Answer): Part[] =>
  toolCalls.map(({input, name}, index) => ({
    functionCall: {name, args: input},
    ...(index === 0 && {thoughtSignature: 'c2lnbmF0dXJl'}),
  }))

function response({model, usage}: Answer, parts: Part[], responseId: string, finishReason?: string) {
  return {
    candidates: [{content: {role: 'model', parts}, ...(finishReason && {finishReason}), index: 0}],
    // As from the real API: until its end a stream knows what was read, but not what is answered.
    usageMetadata: wireUsage(finishReason ? usage : {...usage, output: 0, reasoning: 0}),
    modelVersion: model,
    responseId,
  }
}

/** Of the output, the API counts reasoning apart. */
function wireUsage({cacheRead, cacheWrite, input, output, reasoning = 0}: Usage) {
  const prompt = input + cacheRead + cacheWrite
  return {
    promptTokenCount: prompt,
    candidatesTokenCount: output - reasoning,
    totalTokenCount: prompt + output,
    ...(cacheRead > 0 && {cachedContentTokenCount: cacheRead}),
    ...(reasoning > 0 && {thoughtsTokenCount: reasoning}),
  }
}

/** Google's Gemini API, as far as gemini uses it. */
export const gemini: Dialect = {
  matches: ({method, path}) =>
    method === 'POST' && /\/models\/[^/]+:(?:generateContent|streamGenerateContent)$/.test(path),
  read,
  frames,
  whole,
  streamError,
  error({status, message = `simulated ${status}`}) {
    return {error: {code: status, message, status: errorTypes[status] ?? 'UNKNOWN'}}
  },
  side({method, path}, body) {
    return method === 'POST' && path.endsWith(':countTokens')
      ? {totalTokens: Math.ceil(JSON.stringify(body).length / 4)}
      : undefined
  },
}

const errorTypes: Record<number, string | undefined> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  503: 'UNAVAILABLE',
}
