import {basename, dirname} from 'node:path'
import {asText, countOf, fieldsOf, inputOf, jsonOf, listOf, stringOf, timeOf} from 'clinvk-backend-sdk'
import type {Files} from 'clinvk-contract'

/** A message as gemini 0.61 keeps it: whatever is of another type than it should be is left out. */
export interface StoredMessage {
  readonly id: string
  readonly type: 'user' | 'gemini'
  /** ISO 8601. */
  readonly timestamp?: string
  readonly model?: string
  /** Without what the model thought. */
  readonly text: string
  readonly thoughts: readonly string[]
  readonly tokens?: Readonly<Record<'input' | 'output' | 'cached' | 'thoughts', number>>
  readonly calls: readonly StoredCall[]
  readonly results: readonly StoredResult[]
}

interface StoredCall {
  readonly id: string
  readonly name: string
  readonly input: unknown
  readonly result?: StoredResult
}

interface StoredResult {
  readonly callId: string
  readonly output: string
  readonly isError: boolean
  /** ISO 8601. */
  readonly at?: string
}

/** What a line says of the conversation. */
export interface Change {
  readonly sessionId?: string
  readonly startedAt?: string
  readonly updatedAt?: string
  readonly title?: string
  /** Whether its messages replace all that came before. */
  readonly replaces: boolean
  /** The message that was taken back, with all after it. */
  readonly rewindTo?: string
  readonly messages: readonly StoredMessage[]
}

/** The changes that a file of a conversation consists of, a JSON object a line; one in a legacy file. */
export async function* changesIn(path: string, files: Files): AsyncGenerator<Change> {
  if (path.endsWith('.json')) {
    const {size = 0} = (await files.stat(path)) ?? {}
    const whole = size < LARGEST_LEGACY ? jsonOf(await files.read(path)) : undefined
    if (whole !== undefined) {
      yield changeOf(fieldsOf(whole))
      return
    }
  }

  for await (const line of files.lines(path)) {
    const parsed = line.startsWith('{') ? jsonOf(line) : undefined
    if (parsed !== undefined) yield changeOf(fieldsOf(parsed))
  }
}

function changeOf(line: Fields): Change {
  const {$set: patch, $rewindTo: rewindTo, ...own} = line
  const set = fieldsOf(patch)
  return {
    sessionId: stringOf(own.sessionId),
    startedAt: timeOf(own.startTime),
    updatedAt: timeOf(set.lastUpdated ?? own.lastUpdated),
    title: stringOf(set.summary ?? own.summary),
    replaces: Array.isArray(set.messages),
    rewindTo: stringOf(rewindTo),
    messages: [own, ...listOf(own.messages), ...listOf(set.messages)].flatMap((value) => messageOf(value)),
  }
}

function messageOf(value: unknown): StoredMessage[] {
  const {content, id, model, thoughts, timestamp, tokens, toolCalls, type} = fieldsOf(value)
  if (typeof id !== 'string' || id === '' || (type !== 'user' && type !== 'gemini')) return []
  const parts =
    typeof content === 'string' ? [{text: content}] : listOf(content).map((part) => fieldsOf(part))
  const texts = (isThought: boolean) =>
    parts.flatMap((part: Fields) =>
      (part.thought === true) === isThought ? (stringOf(part.text) ?? []) : [],
    )
  const kept = listOf(thoughts).flatMap((thought) => {
    const {description, subject} = fieldsOf(thought)
    const words = [subject, description].filter((text) => typeof text === 'string' && text !== '')
    return words.length > 0 ? words.join(': ') : []
  })
  const called = listOf(toolCalls)
  return [
    {
      id,
      type,
      timestamp: timeOf(timestamp),
      model: stringOf(model),
      text: texts(false).join(''),
      thoughts: kept.length > 0 ? kept : texts(true),
      tokens: tokensOf(tokens),
      calls: (called.length > 0 ? called : parts.map((part: Fields) => part.functionCall)).flatMap((call) =>
        callOf(call),
      ),
      results: resultsIn(parts),
    },
  ]
}

function callOf(value: unknown): StoredCall[] {
  const {args, id, name, result, status, timestamp} = fieldsOf(value)
  if (typeof name !== 'string' || typeof id !== 'string') return []
  const isError = status === 'error' || status === 'cancelled'
  const [found] = resultsIn(listOf(result))
  if (found === undefined && !isError) return [{id, name, input: inputOf(args)}]
  const {output = ''} = found ?? {}
  return [{id, name, input: inputOf(args), result: {callId: id, output, isError, at: timeOf(timestamp)}}]
}

/** The answers of tools, which stand in a message of the user. */
function resultsIn(parts: readonly unknown[]): StoredResult[] {
  return parts.flatMap((part) => {
    const {id, response} = fieldsOf(fieldsOf(part).functionResponse)
    if (typeof id !== 'string') return []
    const {error, output} = fieldsOf(response)
    return [{callId: id, output: asText(output ?? error ?? response), isError: error !== undefined}]
  })
}

/** Undefined where nothing was counted: gemini tells zeros for a call that failed. */
function tokensOf(value: unknown): StoredMessage['tokens'] {
  const found = fieldsOf(value)
  const [input = 0, output = 0, cached = 0, thoughts = 0] = [
    found.input,
    found.output,
    found.cached,
    found.thoughts,
  ].map((count) => countOf(count))
  return input + output + thoughts > 0 ? {input, output, cached, thoughts} : undefined
}

/** What is known of one message, of which the later text counts, but the first time and the cost. */
export function merge(before: StoredMessage | undefined, message: StoredMessage): StoredMessage {
  if (!before) return message
  return {
    ...message,
    timestamp: before.timestamp ?? message.timestamp,
    model: message.model ?? before.model,
    tokens: before.tokens ?? message.tokens,
    thoughts: message.thoughts.length > 0 ? message.thoughts : before.thoughts,
    calls: message.calls.length > 0 ? message.calls : before.calls,
  }
}

/** What gemini still has of a conversation, so that it can be resumed. */
export class CurrentMessages {
  /** Ids, and whether they are a part of the conversation. */
  readonly #messages = new Map<string, boolean>()

  add({messages, replaces, rewindTo}: Change): void {
    // Without the message that is taken back, gemini takes back all.
    if (replaces || (rewindTo !== undefined && !this.#messages.has(rewindTo))) this.#messages.clear()
    else if (rewindTo !== undefined) {
      const ids = [...this.#messages.keys()]
      for (const id of ids.slice(ids.indexOf(rewindTo))) this.#messages.delete(id)
    }

    for (const message of messages) this.#messages.set(message.id, isSaid(message))
  }

  get isEmpty(): boolean {
    return ![...this.#messages.values()].includes(true)
  }
}

/** Whether a file may be one of this conversation: its name ends with 8 digits of the id. */
export function mayBeOf(path: string, id: string): boolean {
  return (
    basename(dirname(path)) === 'chats' &&
    ['.json', '.jsonl'].some((ending) => path.endsWith(`-${id.slice(0, 8)}${ending}`))
  )
}

/** Whether gemini takes this for a part of the conversation (`isResumableMessageRecord`). */
export function isSaid({calls, text, thoughts, type}: StoredMessage): boolean {
  const said = text.trim()
  if (type === 'user') return said !== '' && !/^(?:[/?]|<session_context>|<hook_context>)/.test(said)
  return said !== '' || calls.length > 0 || thoughts.length > 0
}

type Fields = Readonly<Record<string, unknown>>

/** Bytes. */
const LARGEST_LEGACY = 64 * 1024 * 1024
