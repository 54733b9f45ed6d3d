import type {JsonSchema} from 'clinvk-contract'
import {isRecord} from 'clinvk-kit/format/is-record'
import type * as z from 'zod'
import {BadRequest} from '../core/errors.js'

/** What a request of any vendor's API asks for. */
export interface ChatRequest {
  /** As the client names it: `claude`, `codex/best`, `claude@abc123`. */
  readonly model: string
  /** The conversation as the client has it, without instructions, until the assistant's last message, and what comes after. */
  readonly history: readonly Message[]
  readonly question: readonly Message[]
  /** The client's instructions (`system`, `developer`), with an empty line between them; empty where there are none. */
  readonly system: string
  readonly schema?: JsonSchema
  readonly isEphemeral?: boolean
  /** The session that the client names in a field of the API; `turn`: after which turn of it, from 1 on. */
  readonly continues?: {readonly session: string; readonly turn?: number}
  /** An id of the client's own for its conversation, where a field of the API has one. */
  readonly conversationId?: string
  /** Fields that change nothing here. */
  readonly ignored: readonly string[]
  readonly isStream: boolean
  readonly showsReasoning: boolean
}

export interface Message {
  readonly role: 'user' | 'assistant' | 'tool'
  readonly text: string
}

/**
 * What the requests of all vendors have in common. `said`: their messages and instructions; `param`: the field that has
 * them. Throws a BadRequest.
 */
export function requestOf(
  schema: z.ZodObject,
  body: {readonly model: string; readonly stream?: boolean | null; readonly tool_choice?: unknown},
  said: readonly {readonly role: string; readonly text: string}[],
  param: string,
) {
  checkToolChoice(body.tool_choice)
  const ignored = Object.entries(body).flatMap(([name, value]) =>
    name in schema.shape || value === null || value === undefined ? [] : [name],
  )
  return {model: body.model, ...conversationOf(said, param), ignored, isStream: body.stream === true}
}

/** Splits messages from instructions. Throws a BadRequest where no user message is left to be answered. */
function conversationOf(
  messages: readonly {readonly role: string; readonly text: string}[],
  param: string,
): Pick<ChatRequest, 'history' | 'question' | 'system'> {
  const isInstruction = ({role}: {role: string}) => role === 'system' || role === 'developer'
  const said: Message[] = []
  for (const {role, text} of messages.filter((message) => !isInstruction(message))) {
    const last = said.at(-1)
    // An answer in several messages is one.
    if (last?.role === 'assistant' && roleOf(role) === 'assistant')
      said.splice(-1, 1, {role: 'assistant', text: last.text + text})
    else said.push({role: roleOf(role), text})
  }
  const system = messages.filter((message) => isInstruction(message) && message.text.trim() !== '')
  const start = said.findLastIndex(({role}) => role === 'assistant') + 1
  const question = said.slice(start)
  if (start > 0 && question.length === 0)
    throw new BadRequest("The last message is the assistant's, and an agent cannot continue it.", param)
  if (question.every(({text}) => text.trim() === ''))
    throw new BadRequest('The request has no message of the user to answer.', param)
  return {history: said.slice(0, start), question, system: system.map(({text}) => text).join('\n\n')}
}

/** Tools of a client are ignored, since an agent has its own; but it cannot be made to call one of them. */
function checkToolChoice(choice: unknown): void {
  const type = isRecord(choice) ? choice.type : choice
  if (type === undefined || type === null || type === 'auto' || type === 'none') return
  throw new BadRequest(
    'An agent uses its own tools and cannot call those of the client: tool_choice must be auto or none.',
    'tool_choice',
    'unsupported',
  )
}

/** What the answer must fit: `json_schema` with its schema, or `json_object`. */
export function schemaOf(type: string | undefined, schema: unknown, param: string): JsonSchema | undefined {
  switch (type) {
    case undefined:
    case 'text':
      return undefined

    case 'json_object':
      return {type: 'object'}

    case 'json_schema':
      if (isRecord(schema)) return schema as JsonSchema
      throw new BadRequest(`${param} has no schema.`, param)

    default:
      throw new BadRequest(`${param} of type ${JSON.stringify(type)} is not supported.`, param, 'unsupported')
  }
}

function roleOf(role: string): Message['role'] {
  if (role === 'assistant' || role === 'model') return 'assistant'
  return role === 'tool' || role === 'function' ? 'tool' : 'user'
}

/**
 * The text of a message's content: a string, or a list of parts. Throws a BadRequest that names a part that is no text.
 * Parts of an answer are pieces of one text.
 */
export function textOf(content: unknown, param: string, role = 'user'): string {
  if (content === null || content === undefined) return ''
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) throw new BadRequest(`${param} must be a text or a list of parts.`, param)
  const texts = content.flatMap((part: unknown, index) => partText(part, `${param}[${index}]`) ?? [])
  return texts.join(role === 'assistant' ? '' : '\n')
}

function partText(part: unknown, param: string): string | undefined {
  if (typeof part === 'string') return part
  const {type, ...fields} = (part ?? {}) as Readonly<Record<string, unknown>>
  switch (type) {
    case 'text':
    case 'input_text':
    case 'output_text':
      return typeof fields.text === 'string' ? fields.text : ''

    case 'refusal':
      return typeof fields.refusal === 'string' ? fields.refusal : ''

    // The agent has its own.
    case 'thinking':
    case 'redacted_thinking':
    case 'reasoning':
      return undefined

    case 'tool_use':
      return toolCall(fields.name, fields.input)

    case 'tool_result':
      return textOf(fields.content, `${param}.content`)

    default:
      throw new BadRequest(
        `${param} is of type ${JSON.stringify(type ?? null)}. Only text can be passed to an agent; name a file in the text, and the agent reads it.`,
        param,
        'unsupported',
      )
  }
}

/** A tool that another program has called for the assistant, as a text. */
export function toolCall(name: unknown, input: unknown): string {
  return `[Called ${String(name)}: ${typeof input === 'string' ? input : JSON.stringify(input ?? null)}]`
}
