import type {JsonSchema} from 'clinvk-contract'
import {Failure} from 'clinvk-kit/errors/failure'

/** What a request of any vendor's API asks for. */
export interface ChatRequest {
  /** As the client names it: `claude`, `codex/best`, `claude@abc123`. */
  readonly model: string
  /** The conversation as the client has it, without instructions. The last message is not the assistant's. */
  readonly messages: readonly Message[]
  /** The client's instructions (`system`, `developer`), with an empty line between them; empty where there are none. */
  readonly system: string
  /** What the answer must fit. */
  readonly schema?: JsonSchema
  /** Nothing of the turn is to be kept. */
  readonly isEphemeral?: boolean
  /** The session that the client names in a field of the API; `turn`: after which turn of it, from 1 on. */
  readonly continues?: {readonly session: string; readonly turn?: number}
  /** An id of the client's own for its conversation, where a field of the API has one. */
  readonly conversationId?: string
  /** Fields that change nothing here. */
  readonly ignored: readonly string[]
}

export interface Message {
  readonly role: 'user' | 'assistant' | 'tool'
  readonly text: string
}

/** A request that no agent can be asked. `param` names the field, `vendorCode` is OpenAI's word for what is wrong. */
export class BadRequest extends Failure {
  constructor(
    message: string,
    readonly param?: string,
    readonly vendorCode?: string,
  ) {
    super('usage', message)
  }
}

/** Splits messages from instructions. Throws a BadRequest where no user message is left to be answered. */
export function conversationOf(
  messages: readonly {readonly role: string; readonly text: string}[],
  param: string,
): Pick<ChatRequest, 'messages' | 'system'> {
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
  if (said.at(-1)?.role === 'assistant')
    throw new BadRequest("The last message is the assistant's, and an agent cannot continue it.", param)
  if (lastQuestion(said).every(({text}) => text.trim() === ''))
    throw new BadRequest('There is no message of the user to be answered.', param)
  return {messages: said, system: system.map(({text}) => text).join('\n\n')}
}

/** The messages after the assistant's last one. */
export function lastQuestion(messages: readonly Message[]): readonly Message[] {
  return messages.slice(messages.findLastIndex(({role}) => role === 'assistant') + 1)
}

/** Names of the given fields that are not among those that are used. */
export function ignoredFields(body: Readonly<Record<string, unknown>>, used: readonly string[]): string[] {
  return Object.keys(body).filter(
    (name) => !used.includes(name) && body[name] !== null && body[name] !== undefined,
  )
}

function roleOf(role: string): Message['role'] {
  if (role === 'assistant' || role === 'model') return 'assistant'
  return role === 'tool' || role === 'function' ? 'tool' : 'user'
}
