import {basename, dirname} from 'node:path'
import {interleaved, type Parsed, parseLine, timeOf} from 'clinvk-backend-sdk'
import type {Files} from 'clinvk-contract'
import {type Entry, entriesOf, isSaid, messagesIn} from './stored-messages.js'

/**
 * A file of a conversation: a JSON object a line; one of older versions is one object, indented by two. What it tells of
 * the conversation is known when its entries have been read.
 */
export class StoredFile {
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

  /** Messages that it has or had. */
  get length(): number {
    return this.#times.size
  }

  /** Whether there is nothing to resume; gemini takes the file for an empty one, to be cleaned up. */
  get isEmpty(): boolean {
    return ![...this.#current.values()].includes(true)
  }

  /**
   * What was said, also what gemini has taken back: it has cost. Gemini writes a message again when its tools have run,
   * and all of them when it resumes: their entries come again.
   */
  async *entries(subAgent?: string): AsyncGenerator<Entry> {
    let at: string | undefined
    for await (const {$rewindTo: rewindTo, $set: set = {}, ...own} of changesIn(this.path, this.#files)) {
      this.startedAt ??= timeOf(own.startTime)
      this.updatedAt = timeOf(set.lastUpdated ?? own.lastUpdated) ?? this.updatedAt
      this.title = set.summary ?? own.summary ?? this.title
      if (Array.isArray(set.messages)) this.#current.clear()
      if (rewindTo !== undefined) {
        const ids = [...this.#current.keys()]
        // Without the message that is taken back, gemini takes back all.
        for (const id of ids.slice(Math.max(0, ids.indexOf(rewindTo)))) this.#current.delete(id)
      }

      for (const message of [[own], own.messages, set.messages].flatMap((list) => messagesIn(list))) {
        const {id} = message
        const time = this.#times.get(id) ?? timeOf(message.timestamp)
        this.#times.set(id, time)
        this.#current.set(id, isSaid(message))
        at = time ?? at ?? this.startedAt ?? UNKNOWN_TIME
        yield* entriesOf(message, at, subAgent)
      }
    }
  }

  async read(): Promise<this> {
    const entries = this.entries()
    while (!(await entries.next()).done) continue
    return this
  }
}

/** Files of this conversation, oldest first: their names begin with the minute and end with 8 digits of the id. */
export async function storedFiles(id: string, files: Files): Promise<StoredFile[]> {
  const found: StoredFile[] = []
  for (const path of (await files.list()).filter((path) => mayBeOf(path, id)).sort())
    if ((await headerOf(path, files)).id === id) found.push(new StoredFile(path, files))
  return found
}

/** What was said in files of a conversation, each entry once, and in those of its sub-agents. */
export async function* entriesIn(
  stored: readonly StoredFile[],
  subAgents: readonly StoredFile[] = [],
): AsyncGenerator<Entry> {
  const own = async function* () {
    for (const file of stored) yield* file.entries()
  }
  const others = subAgents.map((file) => () => file.entries(basename(file.path, '.jsonl')))
  const told = new Set<string>()
  for await (const entry of interleaved(own(), others, ({at}) => at)) {
    const key = entry.type === 'call' ? `${entry.id}/call` : entry.id
    if (told.has(key)) continue
    told.add(key)
    yield entry
  }
}

/** Whether a file may be one of this conversation: its name ends with 8 digits of the id. */
export function mayBeOf(path: string, id: string): boolean {
  return (
    basename(dirname(path)) === 'chats' &&
    ['.json', '.jsonl'].some((ending) => path.endsWith(`-${id.slice(0, 8)}${ending}`))
  )
}

/** Its name has only a part of the id; the whole one stands in the first line, or near the beginning. */
export async function headerOf(path: string, files: Files): Promise<{id?: string; startedAt?: string}> {
  let count = 0
  for await (const line of files.lines(path)) {
    const {sessionId: id, startTime} = parseChange(line) ?? {}
    if (id !== undefined) return ID.test(id) ? {id, startedAt: timeOf(startTime)} : {}
    if (++count === HEADER_LINES) break
  }

  return {}
}

async function* changesIn(path: string, files: Files): AsyncGenerator<Parsed<typeof CHANGE>> {
  let indented: string | undefined
  for await (const line of files.lines(path)) {
    if (line === '    {') indented = ''
    if (indented !== undefined) indented += line
    if (indented !== undefined && !/^ {4}\},?$/.test(line)) continue
    const change = parseChange(indented?.replace(/,$/, '') ?? line)
    indented = undefined
    if (change) yield change
  }
}

/** A line, or one of an object that is indented: `  "sessionId": "…",`. */
function parseChange(line: string): Parsed<typeof CHANGE> | undefined {
  const [, field] = /^ {2}("\w+": .*[^,]),?$/.exec(line) ?? []
  return parseLine(field === undefined ? line : `{${field}}`, CHANGE)
}

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
const UNKNOWN_TIME = new Date(0).toISOString()
const ID = /^\w[\w.-]{0,127}$/
const HEADER_LINES = 10
