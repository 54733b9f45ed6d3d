import {STATUSES} from '../status.js'
import {type AnyEntry, type ForeignEntry, type IndexEntry, isForeign, type Tokens} from './index-entry.js'
import type {Unreadable} from './session-files.js'

/** What a line says. `late` stands where a line before it tells of a later use. */
export type JournalRecord = (IndexEntry & {readonly late: boolean}) | ForeignEntry | Gone | Seal

/** A session that was deleted. */
export interface Gone {
  readonly id: string
  readonly gone: true
}

/** What was true when the last change had been written, and the time of the directory by which that is known. */
export interface Seal {
  /** In nanoseconds, see `SessionFiles.markUnchanged`. */
  readonly changed: string
  /** So many bytes stand before this line. */
  readonly at: number
  readonly lines: number
  readonly sessions: number
  readonly tokens: Tokens
  /** The latest use of all. */
  readonly latest: number
  /** When files and index were last compared, in milliseconds since 1970. */
  readonly checked: number
  /** Files that are left alone. */
  readonly foreign: readonly string[]
}

/** Without names for its fields, which would be half of it: a large index is searched in milliseconds. */
export function lineOf(record: AnyEntry | Gone, late = false): string {
  const {id} = record
  if ('gone' in record) return write([id])
  if (isForeign(record)) return write([id, record.stamp, record.foreign])
  const {backend, created, dir, name, resumable, run, running, stamp, status, tags, tokens, used} = record
  const state =
    STATUSES.indexOf(status) + (running ? RUNNING : 0) + (resumable ? RESUMABLE : 0) + (late ? LATE : 0)
  const known = [dir ?? 0, tokens ?? 0, tags ?? 0, name ?? 0, run ?? 0]
  while (known.at(-1) === 0) known.pop()
  return write([id, stamp, used, created, backend, state, ...known])
}

export function lineOfSeal(seal: Seal): string {
  return write(seal)
}

/** Undefined for half a line, which a crash has left, and for whatever else is no line of ours. */
export function parse(line: string): JournalRecord | undefined {
  try {
    return recordOf(JSON.parse(line))
  } catch {
    return undefined
  }
}

export function parseAll(text: string): JournalRecord[] {
  try {
    // In one go it takes half the time.
    const lines = JSON.parse(`[${text.trimEnd().replaceAll('\n', ',')}]`) as unknown[]
    return lines.flatMap((line) => recordOf(line) ?? [])
  } catch {
    return text.split('\n').flatMap((line) => parse(line) ?? [])
  }
}

/** What stands in each line that has this value in one of its fields. */
export function holding(value: string): string {
  return ascii(JSON.stringify(value))
}

/** What the lines about sessions begin with whose ids begin so. */
export function beginning(id: string): string {
  return `["${id}`
}

function recordOf(line: unknown): JournalRecord | undefined {
  if (!Array.isArray(line)) return isSeal(line) ? line : undefined
  const [id, stamp, used, created, backend, state, dir, tokens, tags, name, run] = line as Fields
  if (typeof id !== 'string') return undefined
  switch (line.length) {
    case 1:
      return {id, gone: true}
    case 3:
      return {id, stamp, foreign: used as unknown as Unreadable}
    default:
      return {
        id,
        stamp,
        used,
        created,
        backend,
        status: STATUSES[state % STATUSES.length]!,
        running: (state & RUNNING) !== 0,
        resumable: (state & RESUMABLE) !== 0,
        late: (state & LATE) !== 0,
        dir: dir || undefined,
        name: name || undefined,
        run: run || undefined,
        tags: tags || undefined,
        tokens: tokens || undefined,
      }
  }
}

type Fields = [
  id: string,
  stamp: string,
  used: number,
  created: number,
  backend: string,
  /** The number of the status, and flags. */
  state: number,
  dir?: string | 0,
  tokens?: Tokens | 0,
  tags?: readonly string[] | 0,
  name?: string | 0,
  run?: string | 0,
]

function isSeal(line: unknown): line is Seal {
  return typeof line === 'object' && line !== null && 'changed' in line
}

function write(value: object): string {
  return `${ascii(JSON.stringify(value))}\n`
}

function ascii(json: string): string {
  return json.replace(/[\u0080-\uFFFF]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

const RUNNING = 4
const RESUMABLE = 8
const LATE = 16
