import {appendFileSync, closeSync, existsSync, openSync, readSync} from 'node:fs'
import {dirname, join} from 'node:path'
import type {ConversationAbout, ModelCall} from 'clinvk-contract'
import {readText} from 'clinvk-kit/files/read-file'
import {makeDirectory, replaceFile} from 'clinvk-kit/files/replace-file'
import {endsTorn} from 'clinvk-kit/files/read-file'
import {isRecord, parseRecord} from 'clinvk-kit/format/is-record'
import type {Env} from 'clinvk-kit/io'
import {clinvkHome} from 'clinvk-kit/settings/files'
import type {TranscriptTurn} from '../transcript/message.js'
import type {Subject} from '../transcript/read-turns.js'

/** One call of a model. A missing count is unknown, which is not 0. */
export interface LedgerRow extends Counts {
  /** The backend and its own id of the call, so that copies of a conversation have the same; unique in the ledger. */
  readonly key: string
  readonly backend: string
  readonly session?: string
  /** The agent's own id of the conversation. */
  readonly conversation?: string
  /** The conversation is a fork, which may have begun as a copy of another. */
  readonly fork?: true
  /** ISO 8601. */
  readonly at: string
  /** Of what clinvk counted itself: the end of the turn. Counts only where the agent has recorded no call in the turn. */
  readonly until?: string
  readonly model?: string
  readonly directory?: string
}

/** As in `ModelCall`, the names being short because there are many rows. */
type Counts = {readonly [Field in (typeof COUNTS)[number]]?: number}

const COUNTS = [
  ...(['input', 'cached', 'write', 'write1h', 'output', 'reasoning'] as const),
  // US dollars, where the agent tells.
  'cost',
] as const

/**
 * What model calls have used: `history/ledger.jsonl`, a row a line, of which the last one with a key counts. It is no
 * cache: its numbers stay when a session or the agent's record is deleted. One process at a time may write.
 */
export class Ledger {
  readonly path: string
  /** Rows that were added and are not saved yet. */
  readonly #changed = new Map<string, LedgerRow>()
  /** By the key of a row that is saved, the byte at which its line begins: rows would take too much memory. */
  #places: Map<string, number> | undefined
  /** Of the file, as far as it is known. */
  #size = 0
  #lines = 0

  constructor(env: Env) {
    this.path = join(clinvkHome(env), 'history', 'ledger.jsonl')
  }

  /** Takes in what a turn has used; to be saved by `save`. A turn that is known already changes nothing. */
  add(subject: Subject, about: ConversationAbout | undefined, turn: TranscriptTurn): void {
    const {conversation, session} = subject
    const origin = {
      backend: conversation?.backend ?? session?.backend ?? '',
      session: session?.id,
      conversation: conversation?.id ?? session?.backend_session_id,
      fork: about?.forkedFrom === undefined ? undefined : (true as const),
      directory: about?.cwd ?? conversation?.cwd ?? (session?.working_dir || undefined),
    }
    const calls = turn.calls.map((call) => rowOfCall(call, origin, turn)).filter(isCounted)
    for (const row of calls.length > 0 ? calls : rowsOfUsage(turn, origin)) this.#put(row)
  }

  /** Writes what was added. */
  async save(): Promise<void> {
    if (this.#changed.size === 0) return
    const places = this.#known()
    const isNew = (key: string) => !places.has(key)
    const keys = places.size + [...this.#changed.keys()].filter(isNew).length
    makeDirectory(dirname(this.path))
    if (this.#lines + this.#changed.size > 2 * keys) {
      await replaceFile(this.path, textOf(this.#all()))
      this.#places = undefined
    } else {
      const text = (endsTorn(this.path) ? '\n' : '') + textOf(this.#changed)
      appendFileSync(this.path, text, {mode: 0o600})
      this.#note(text, places)
    }

    this.#changed.clear()
  }

  /** The rows that count, in no order. */
  *rows(): Generator<LedgerRow> {
    const rows = [...this.#all().values()]
    const own = new Set(rows.flatMap((row) => (row.until === undefined ? [] : ownersOf(row))))
    const times = new Map<string, number[]>()
    for (const row of rows) {
      if (own.size === 0 || row.until !== undefined) continue
      for (const owner of ownersOf(row)) {
        if (!own.has(owner)) continue
        if (!times.has(owner)) times.set(owner, [])
        times.get(owner)!.push(Date.parse(row.at))
      }
    }

    for (const row of rows) {
      const [start, end] = [Date.parse(row.at), Date.parse(row.until ?? '')]
      const isInTurn = (time: number) => start <= time && time <= end
      if (row.until === undefined || !ownersOf(row).some((owner) => times.get(owner)?.some(isInTurn)))
        yield row
    }
  }

  #put(row: LedgerRow): void {
    const known = this.#changed.get(row.key) ?? this.#read(row.key)
    const merged = known ? merge(known, row) : row
    if (known && JSON.stringify(known) === JSON.stringify(merged)) return
    this.#changed.set(row.key, merged)
  }

  /** A row that is saved. */
  #read(key: string): LedgerRow | undefined {
    const place = this.#known().get(key)
    if (place === undefined) return undefined
    const file = openSync(this.path, 'r')
    try {
      const bytes = Buffer.alloc(LONGEST_ROW)
      const text = bytes.toString('utf8', 0, readSync(file, bytes, 0, LONGEST_ROW, place))
      return parse(text.split('\n', 1)[0]!)
    } finally {
      closeSync(file)
    }
  }

  #known(): Map<string, number> {
    if (!this.#places) {
      this.#places = new Map()
      this.#size = this.#lines = 0
      this.#note(this.#text(), this.#places)
    }

    return this.#places
  }

  /** Takes in where the lines are of a text at the end of the file. */
  #note(text: string, places: Map<string, number>): void {
    const lines = text.split('\n')
    for (const line of lines) {
      const row = parse(line)
      if (row) places.set(row.key, this.#size)
      this.#size += Buffer.byteLength(line) + 1
    }

    // The last one has no end yet.
    this.#size--
    this.#lines += lines.length - 1
  }

  /** By their keys, also those that are not saved yet. */
  #all(): Map<string, LedgerRow> {
    const lines = this.#text().split('\n')
    const saved = lines.flatMap((line) => parse(line) ?? [])
    return new Map([...saved.map((row) => [row.key, row] as const), ...this.#changed])
  }

  #text(): string {
    return existsSync(this.path) ? readText(this.path) : ''
  }
}

function textOf(rows: ReadonlyMap<string, LedgerRow>): string {
  return [...rows.values()].map((row) => `${JSON.stringify(row)}\n`).join('')
}

/** The session may be unknown where its conversation is read after it was deleted. */
function ownersOf({backend, conversation, session}: LedgerRow): string[] {
  return [session && `session ${session}`, conversation && `${backend} ${conversation}`].filter(
    (owner) => owner !== undefined,
  )
}

/**
 * Of two readings of a call the larger counts are right: an agent may have written it down before it was complete. A
 * call belongs to the conversation that was not forked from another.
 */
function merge(known: LedgerRow, row: LedgerRow): LedgerRow {
  const isSame = known.conversation === row.conversation || known.until !== undefined
  const [first, second] = isSame || (known.fork && !row.fork) ? [row, known] : [known, row]
  const most = COUNTS.flatMap((field) => {
    const counts = [known[field], row[field]].filter((count) => count !== undefined)
    return counts.length > 0 ? [[field, Math.max(...counts)] as const] : []
  })
  return {
    ...first,
    session: first.session ?? (isSame ? second.session : undefined),
    directory: first.directory ?? (isSame ? second.directory : undefined),
    model: first.model ?? second.model,
    at: known.at < row.at ? known.at : row.at,
    ...Object.fromEntries(most),
  }
}

type Origin = Pick<LedgerRow, 'backend' | 'session' | 'conversation' | 'fork' | 'directory'>

function rowOfCall(call: ModelCall, origin: Origin, turn: TranscriptTurn): LedgerRow {
  const {
    cacheWrite1hTokens: write1h,
    cacheWriteTokens: write,
    cachedTokens: cached,
    inputTokens: input,
  } = call
  const {at, cost, id, model, outputTokens: output, reasoningTokens: reasoning} = call
  const counts = {input, cached, write, write1h, output, reasoning, cost: cost || undefined}
  const time = isTime(at) ? at : turn.startedAt
  return {key: `${origin.backend}/${id}`, ...origin, at: time, model, ...counts}
}

/** Of each model, where the agent has reported what each of them used. */
function rowsOfUsage({endedAt, model: only, startedAt, usage}: TranscriptTurn, origin: Origin): LedgerRow[] {
  const models = Object.entries(usage?.models ?? {})
  const parts = models.length > 0 ? models : usage ? [['', usage] as const] : []
  const {session} = origin
  if (session === undefined) return []
  // Not by the number of the turn, which changes when turns are found that the agent had without clinvk.
  const key = `clinvk:${session}:${startedAt}`
  return parts.map(([model, part]) => ({
    key: model ? `${key}:${model}` : key,
    ...origin,
    at: startedAt,
    until: endedAt,
    model: model || only,
    input: part.input_tokens,
    cached: part.cached_tokens,
    output: part.output_tokens,
    reasoning: part.reasoning_tokens,
  }))
}

function isCounted(row: LedgerRow): boolean {
  return isRow(row) && COUNTS.some((field) => row[field] !== undefined)
}

/** Undefined for what is no row: a torn line, the end of the file. */
function parse(line: string): LedgerRow | undefined {
  const row = parseRecord(line)
  return isRow(row) ? row : undefined
}

function isRow(row: unknown): row is LedgerRow {
  if (!isRecord(row)) return false
  const {at, backend, key} = row
  const isText = (field: string) => row[field] === undefined || typeof row[field] === 'string'
  return (
    typeof key === 'string' &&
    typeof backend === 'string' &&
    isTime(at) &&
    ['session', 'conversation', 'until', 'model', 'directory'].every(isText) &&
    COUNTS.every((field) => row[field] === undefined || Number.isFinite(row[field]))
  )
}

function isTime(value: unknown): value is string {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value))
}

/** Bytes. */
const LONGEST_ROW = 16 * 1024
