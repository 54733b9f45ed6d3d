import {appendFileSync, closeSync, readSync, renameSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {LARGEST_TEXT, openFile, readText} from 'clinvk-kit/files/read-file'
import {makeDirectory, temporaryIn} from 'clinvk-kit/files/replace-file'
import {monotonicMs} from 'clinvk-kit/format/time'
import type {LockFile} from 'clinvk-kit/process/lock-file'
import {type IndexEntry, indexEntry, newestFirst} from './index-entry.js'
import type {SessionFile} from './session-file.js'
import {type SessionFiles, stampOf} from './session-files.js'
import {addTokens, sumOf, type Tokens, tokensOf} from './usage.js'

/**
 * Finds sessions of a large store without reading every file. It is a cache that may be deleted at any time: what it
 * finds is looked up in the files. `sessions.jsonl` has a line for each session, the last used first. `state.jsonl`
 * belongs to these lines: first an `IndexState`, then a `Change` a line. The index is current while the last line has
 * the time of the directory of sessions, which every change of another program moves, and a crash during one of ours;
 * otherwise the next reader rebuilds it. Where it cannot be written, only speed is lost.
 */
export class SessionIndex {
  readonly path: string
  readonly statePath: string
  /** A state that is not current any more: it says which files the next rebuild need not read. */
  readonly stalePath: string

  constructor(
    readonly files: SessionFiles,
    readonly directory: string,
    readonly lock: LockFile,
  ) {
    this.path = join(directory, 'sessions.jsonl')
    this.statePath = join(directory, 'state.jsonl')
    this.stalePath = join(directory, 'stale.jsonl')
  }

  /** The wanted sessions, the last used first: `limit` of them. `part`: of their lines; others need not be looked at. */
  find(isWanted: (entry: IndexEntry) => boolean, {limit = Infinity, part}: FindOptions = {}): Found {
    const wanted = (entries: Iterable<IndexEntry>) => {
      const found: IndexEntry[] = []
      for (const entry of entries) if (isWanted(entry) && found.push(entry) >= limit) break
      return found
    }
    try {
      const state = this.#state()
      if (this.#isCurrent(state)) return {...state, entries: wanted(this.#entries(state, part))}
    } catch {
      // There is none, or it is damaged or was deleted meanwhile.
    }

    const all = this.#readFiles()
    return {...all, entries: wanted(all.entries)}
  }

  /** Runs a change of one file, under the lock, and records it. `apply` returns the new entry; none of a deleted session. */
  change(id: string, before: SessionFile | undefined, apply: () => IndexEntry | undefined): void {
    const began = monotonicMs()
    const state = ignoringErrors(() => this.#state())
    const isCurrent = state?.changed === this.files.changed()
    const entry = apply()
    if (!state) return
    // After too many changes, too, the next reader rebuilds it. Until then no change has to look at it.
    if (!isCurrent || state.changes.length >= MAX_CHANGES)
      return ignoringErrors(() => renameSync(this.statePath, this.stalePath))
    ignoringErrors(() => {
      const changed = this.files.markUnchanged()
      // A process that was stopped here may have hidden a change of another program.
      if (changed === undefined || monotonicMs() - began > CHANGE_MS) return
      const sessions = state.sessions + (entry ? 1 : 0) - (before ? 1 : 0)
      const tokens = addTokens(addTokens(state.tokens, before && tokensOf(before), -1), entry?.tokens)
      const change: Change = {changed, sessions, tokens, id, entry}
      appendFileSync(this.statePath, `${JSON.stringify(change)}\n`)
    })
  }

  /** Throws where there is none of these lines. */
  #state(path = this.statePath): ReadState {
    const [first = '', ...changes] = readText(path).split('\n').slice(0, -1)
    const state = JSON.parse(first) as IndexState
    if (state.lines !== stampOf(statSync(this.path))) throw new Error('the lines are other ones')
    return {...state, ...(JSON.parse(changes.at(-1) ?? first) as Change), changes}
  }

  #isCurrent({changed, checked, foreign, sessions}: IndexState): boolean {
    return (
      sessions > SMALL &&
      Math.abs(Date.now() - checked) < CHECK_INTERVAL_MS &&
      changed === this.files.changed() &&
      // A foreign file that was repaired in place is a session now.
      foreign.every((id) => typeof this.files.read(id) === 'string')
    )
  }

  /** The last used first. Throws where the lines cannot be read. */
  *#entries({changes, sessions}: ReadState, part?: string): Generator<IndexEntry> {
    const changed = new Map(
      changes.map((line) => JSON.parse(line) as Change).map(({entry, id}) => [id, entry]),
    )
    const late = [...changed.values()].filter((entry) => entry !== undefined).sort(newestFirst)
    let count = late.length
    for (const line of linesWith(this.path, part)) {
      const entry = JSON.parse(line) as IndexEntry
      if (changed.has(entry.id)) continue
      while (late.length > 0 && newestFirst(late[0]!, entry) < 0) yield late.shift()!
      yield entry
      count++
    }

    yield* late
    if (part === undefined && count !== sessions) throw new Error('lines are missing')
  }

  /** Looks at every file. The index of a large store is written anew, unless another process holds the lock. */
  #readFiles(): Found {
    const ids = this.files.ids()
    if (ids.length <= SMALL) return this.#lookAt(ids)
    const knownBy = (path: string) => ignoringErrors(() => [...this.#entries(this.#state(path))])
    const known = knownBy(this.statePath) ?? knownBy(this.stalePath)
    const lock = ignoringErrors(() => this.lock.tryAcquire())
    try {
      const mark = lock && this.files.markUnchanged()
      const found = this.#lookAt(this.files.ids(), known)
      if (lock) ignoringErrors(() => this.#write(found, mark === this.files.changed() ? mark : undefined))
      return found
    } finally {
      lock?.release()
    }
  }

  /** Reads the files that differ from what is known of them. */
  #lookAt(ids: readonly string[], known: readonly IndexEntry[] = []): Found {
    const entries: IndexEntry[] = []
    const foreign: string[] = []
    const before = new Map(known.map((entry) => [entry.id, entry]))
    const realPaths = new Map<string, string>()
    for (const id of ids) {
      const stamp = this.files.stamp(id)
      const same = before.get(id)
      // A foreign file is read each time: it may become readable without a change of its time.
      const found = same?.stamp === stamp ? same : this.files.read(id)
      if (typeof found === 'string') foreign.push(id)
      else if (found) entries.push('stamp' in found ? found : indexEntry(found, stamp, realPaths))
    }

    entries.sort(newestFirst)
    return {entries, foreign, sessions: entries.length, tokens: sumOf(entries)}
  }

  /** Without a time of the directory it only spares the reading of unchanged files. */
  #write({entries, ...sums}: Found, changed = ''): void {
    makeDirectory(this.directory)
    this.#replace(this.path, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''))
    const state: IndexState = {...sums, lines: stampOf(statSync(this.path)), changed, checked: Date.now()}
    this.#replace(this.statePath, `${JSON.stringify(state)}\n`)
    this.files.removeAbandoned()
  }

  /** Not waiting for the disk: after a power cut the index may be gone. */
  #replace(path: string, text: string): void {
    const temporary = temporaryIn(this.files.scratch)
    try {
      writeFileSync(temporary, text, {mode: 0o600, flag: 'wx'})
      renameSync(temporary, path)
    } catch (error) {
      rmSync(temporary, {force: true})
      throw error
    }
  }
}

export interface FindOptions {
  readonly limit?: number
  readonly part?: string
}

export interface Found {
  readonly entries: IndexEntry[]
  /** Ids of files that are not sessions of this version. */
  readonly foreign: readonly string[]
  /** How many sessions there are, and the tokens of all of them. */
  readonly sessions: number
  readonly tokens: Tokens
}

interface IndexState extends Omit<Found, 'entries'> {
  /** The stamp of `sessions.jsonl` that it belongs to. */
  readonly lines: string
  /** The time of the directory of sessions, in nanoseconds. */
  readonly changed: string
  /** When every file was last looked at, in milliseconds since 1970. */
  readonly checked: number
}

/** With the lines of its changes, after the last one. */
type ReadState = IndexState & {readonly changes: readonly string[]}

/** What counts instead of the line of this session; no entry: it was deleted. */
interface Change extends Pick<IndexState, 'changed' | 'sessions' | 'tokens'> {
  readonly id: string
  readonly entry?: IndexEntry
}

/** What the lines of entries contain that have this value. */
export function partOf(field: keyof IndexEntry, value: string): string {
  return `"${field}":${JSON.stringify(value)}`
}

/** Lines that contain `part`. Most readers need those at the beginning only. */
function* linesWith(path: string, part = '\n'): Generator<string> {
  const {file, size} = openFile(path, LARGEST_TEXT)
  try {
    let from = 0
    for (const end of [FIRST_BYTES, size]) {
      const block = Buffer.alloc(Math.max(0, Math.min(end, size) - from))
      readSync(file, block, 0, block.length, from)
      let stop = -1
      for (;;) {
        const match = block.indexOf(part, stop + 1)
        const start = match > 0 ? block.lastIndexOf('\n', match - 1) + 1 : 0
        stop = match < 0 ? -1 : block.indexOf('\n', match)
        if (stop < 0) break
        yield block.toString('utf8', start, stop)
      }

      // The rest is the beginning of a line.
      from += block.lastIndexOf('\n') + 1
    }
  } finally {
    closeSync(file)
  }
}

/** For an index that cannot be read or written, on a read-only or full disk: it stays out of date and is not used. */
function ignoringErrors<T>(action: () => T): T | undefined {
  try {
    return action()
  } catch {
    return undefined
  }
}

/** Up to so many sessions all files are read, which takes two milliseconds and also finds those that were edited in place. */
const SMALL = 64
/** After so long every file of a larger store is looked at, too: an edit in place does not change the time of the directory. */
const CHECK_INTERVAL_MS = 86_400_000
const MAX_CHANGES = 500
/** A change takes a millisecond. */
const CHANGE_MS = 30
const FIRST_BYTES = 65_536
