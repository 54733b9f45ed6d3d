import {basename, dirname} from 'node:path'
import {asText, type Counts, countOf, inputOf, parseLine, parseList, timeOf} from 'clinvk-backend-sdk'
import type {Parsed} from 'clinvk-backend-sdk'
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
  readonly tokens?: Counts
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

/**
 * A file of a conversation: a JSON object a line; one of older versions is one object, of several lines. What it tells of
 * the conversation is known when its messages were read.
 */
export class StoredFile {
  id?: string
  /** ISO 8601. */
  startedAt?: string
  updatedAt?: string
  title?: string
  readonly #files: Files
  /** When each message was first written, by its id: gemini gives some another time when it writes them again. */
  readonly #times = new Map<string, string | undefined>()
  /** What gemini still has: ids, and whether they are a part of the conversation. */
  readonly #current = new Map<string, boolean>()

  constructor(
    readonly path: string,
    files: Files,
  ) {
    this.#files = files
  }

  get length(): number {
    return this.#times.size
  }

  /** Whether there is nothing to resume; gemini takes the file for an empty one, to be cleaned up. */
  get isEmpty(): boolean {
    return ![...this.#current.values()].includes(true)
  }

  async read(onMessage: (message: StoredMessage) => void = () => undefined): Promise<this> {
    for await (const message of this.messages()) onMessage(message)
    return this
  }

  /**
   * All messages, also those that gemini has taken back: they were said, and have cost. Gemini writes the last one again
   * when its tools have run, which makes one here, and all of them when it resumes: these come again.
   */
  async *messages(): AsyncGenerator<StoredMessage> {
    let last: StoredMessage | undefined
    for await (const {$rewindTo: rewindTo, $set: set = {}, ...own} of changesIn(this.path, this.#files)) {
      this.id ??= own.sessionId
      this.startedAt ??= timeOf(own.startTime)
      this.updatedAt = timeOf(set.lastUpdated ?? own.lastUpdated) ?? this.updatedAt
      this.title = set.summary ?? own.summary ?? this.title
      if (Array.isArray(set.messages)) this.#current.clear()
      if (rewindTo !== undefined) {
        const ids = [...this.#current.keys()]
        // Without the message that is taken back, gemini takes back all.
        for (const id of ids.slice(Math.max(0, ids.indexOf(rewindTo)))) this.#current.delete(id)
      }

      for (const list of [[own], own.messages, set.messages])
        for (const message of messagesIn(list)) {
          const {id} = message
          const timestamp = this.#times.get(id) ?? message.timestamp
          this.#times.set(id, timestamp)
          this.#current.set(id, isSaid(message))
          if (last && last.id !== id) yield last
          last = merge(last?.id === id ? last : undefined, {...message, timestamp})
        }
    }

    if (last) yield last
  }
}

async function* changesIn(path: string, files: Files): AsyncGenerator<Parsed<typeof CHANGE>> {
  if (path.endsWith('.json')) {
    const {size = 0} = (await files.stat(path)) ?? {}
    const whole = size < LARGEST_LEGACY ? parseLine(await files.read(path), CHANGE) : undefined
    if (whole) {
      yield whole
      return
    }
  }

  for await (const line of files.lines(path)) {
    const change = parseLine(line, CHANGE)
    if (change) yield change
  }
}

/** What a message alone says. */
function messagesIn(list: unknown): StoredMessage[] {
  return parseList(list, MESSAGE).flatMap(({content, id, thoughts, tokens, toolCalls, type, ...message}) => {
    if (!id || (type !== 'user' && type !== 'gemini')) return []
    const parts = typeof content === 'string' ? [{text: content}] : parseList(content, PART)
    const texts = (isThought: boolean) =>
      parts.flatMap(({text, thought = false}) => (thought === isThought ? (text ?? []) : []))
    const summaries = parseList(thoughts, {subject: '', description: ''})
      .map(({description, subject}) => [subject, description].filter(Boolean).join(': '))
      .filter((words) => words !== '')
    const called = parseList(toolCalls, CALL)
    const calls = called.length > 0 ? called : parts.flatMap(({functionCall}) => functionCall ?? [])
    return {
      id,
      type,
      timestamp: timeOf(message.timestamp),
      model: message.model,
      text: texts(false).join(''),
      thoughts: summaries.length > 0 ? summaries : texts(true),
      tokens: countsOf(tokens),
      calls: calls.flatMap((call) => callOf(call)),
      results: resultsIn(parts),
    }
  })
}

function callOf({args, id, name, result, status, timestamp}: Parsed<typeof CALL>): StoredCall[] {
  if (name === undefined || id === undefined) return []
  const isError = status === 'error' || status === 'cancelled'
  const [found] = resultsIn(parseList(result, PART))
  if (!found && !isError) return [{id, name, input: inputOf(args)}]
  const {output = ''} = found ?? {}
  return [{id, name, input: inputOf(args), result: {callId: id, output, isError, at: timeOf(timestamp)}}]
}

/** The answers of tools, which stand in a message of the user. */
function resultsIn(parts: readonly Parsed<typeof PART>[]): StoredResult[] {
  return parts.flatMap(({functionResponse: {id, response} = {}}) => {
    if (id === undefined) return []
    const [{error, output} = {}] = parseList([response], {error: null, output: null})
    return {callId: id, output: asText(output ?? error ?? response), isError: error !== undefined}
  })
}

/** Undefined where nothing was counted: gemini tells zeros for a call that failed. */
function countsOf(tokens: Parsed<typeof MESSAGE>['tokens'] = {}): Counts | undefined {
  const [input = 0, answered = 0, cached = 0, reasoning = 0] = [
    tokens.input,
    tokens.output,
    tokens.cached,
    tokens.thoughts,
  ].map((count) => countOf(count))
  const output = answered + reasoning
  return input + output > 0 ? {input, output, cached, reasoning} : undefined
}

/** What is known of a message that was written again: the later text counts, but the first cost. */
export function merge(before: StoredMessage | undefined, message: StoredMessage): StoredMessage {
  if (!before) return message
  return {
    ...message,
    model: message.model ?? before.model,
    tokens: before.tokens ?? message.tokens,
    thoughts: message.thoughts.length > 0 ? message.thoughts : before.thoughts,
    calls: message.calls.length > 0 ? message.calls : before.calls,
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

/** `result`: parts. */
const CALL = {id: '', name: '', args: null, result: null, status: '', timestamp: null} as const
const PART = {
  text: '',
  thought: true,
  functionCall: CALL,
  functionResponse: {id: '', response: null},
} as const
const MESSAGE = {
  id: '',
  type: '',
  timestamp: null,
  model: '',
  // A text, or parts.
  content: null,
  thoughts: null,
  tokens: {input: 0, output: 0, cached: 0, thoughts: 0},
  toolCalls: null,
} as const
/** A message, or what is said of the conversation. */
const CHANGE = {
  sessionId: '',
  startTime: null,
  lastUpdated: null,
  summary: '',
  messages: null,
  // Its messages replace all that came before.
  $set: {lastUpdated: null, summary: '', messages: null},
  // The message that was taken back, with all after it.
  $rewindTo: '',
} as const
/** Bytes. */
const LARGEST_LEGACY = 64 * 1024 * 1024
