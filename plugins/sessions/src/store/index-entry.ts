import {realpathSync} from 'node:fs'
import type {SessionFile} from '../session-file.js'
import {isResumable, statusOf, type Status} from '../status.js'
import type {Unreadable} from './session-files.js'

/** What the index knows of a session: enough to choose and to add up, never to show. */
export interface IndexEntry {
  readonly id: string
  /** Of the file that this was read from. */
  readonly stamp: string
  /** Last use and creation, in milliseconds since 1970. */
  readonly used: number
  readonly created: number
  readonly backend: string
  /** Where `running` is set, only the turn's process can tell. */
  readonly status: Status
  readonly running: boolean
  readonly resumable: boolean
  /** The real path of the working directory. */
  readonly dir: string | undefined
  readonly name: string | undefined
  readonly tags: readonly string[] | undefined
  readonly tokens: Tokens | undefined
  /** The id of the run that it belongs to. */
  readonly run: string | undefined
}

/** A file that is left alone, and why. */
export interface ForeignEntry {
  readonly id: string
  readonly stamp: string
  readonly foreign: Unreadable
}

export type AnyEntry = IndexEntry | ForeignEntry

/** Input, output, cached, reasoning. */
export type Tokens = readonly [number, number, number, number]

/** What the index keeps of a session. */
export function indexEntry(session: SessionFile, stamp: string, realPath = realPathOf): IndexEntry {
  const {backend, id, name, run, running, tags, working_dir: dir} = session
  return {
    id,
    stamp,
    used: Date.parse(session.last_used),
    created: Date.parse(session.created_at),
    backend,
    status: running ? 'active' : statusOf(session),
    running: running !== undefined,
    resumable: isResumable(session),
    dir: dir ? realPath(dir) : undefined,
    name,
    tags: tags?.length ? tags : undefined,
    tokens: tokensOf(session),
    run: run?.id,
  }
}

/** Undefined where none are known. */
export function tokensOf({token_usage: usage = {}}: SessionFile): Tokens | undefined {
  const {cached_tokens: cached = 0, input_tokens: input = 0} = usage
  const {output_tokens: output = 0, reasoning_tokens: reasoning = 0} = usage
  return input || output || cached || reasoning ? [input, output, cached, reasoning] : undefined
}

export function isForeign(entry: AnyEntry): entry is ForeignEntry {
  return 'foreign' in entry
}

/** The sessions of all entries. */
export function sessionsOf(entries: readonly AnyEntry[]): IndexEntry[] {
  return entries.filter((entry): entry is IndexEntry => !isForeign(entry))
}

export function sumOf(entries: readonly IndexEntry[]): Tokens {
  return entries.reduce((sum, {tokens}) => addTokens(sum, tokens), NO_TOKENS)
}

/** The last used first; of those that were used at the same time, always the same one. */
export function newestFirst(a: IndexEntry, b: IndexEntry): number {
  return b.used - a.used || (a.id < b.id ? -1 : 1)
}

export function addTokens(sum: Tokens, tokens: Tokens | undefined, times: 1 | -1 = 1): Tokens {
  return tokens ? (sum.map((count, index) => count + times * tokens[index]!) as unknown as Tokens) : sum
}

export const NO_TOKENS: Tokens = [0, 0, 0, 0]

/** A directory is the same one by whatever links it is reached. */
export function realPathOf(directory: string): string {
  try {
    return realpathSync(directory)
  } catch {
    return directory
  }
}
