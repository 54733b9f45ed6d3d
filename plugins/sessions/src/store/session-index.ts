import {closeSync, readSync, renameSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {openFile, readText} from 'clinvk-kit/files/read-file'
import {abandonedFiles, makeDirectory, temporaryIn} from 'clinvk-kit/files/replace-file'
import {monotonicMs} from 'clinvk-kit/format/time'
import type {LockFile} from 'clinvk-kit/process/lock-file'
import {type IndexEntry, indexEntry, newestFirst} from './index-entry.js'
import type {SessionFile} from './session-file.js'
import {type SessionFiles, stampOf} from './session-files.js'
import {addTokens, sumOf, type Tokens, tokensOf} from './usage.js'

/**
 * Finds sessions of a large store without reading every file. It is a cache that may be deleted at any time: what it
 * finds is looked up in the files. `sessions.jsonl` has a line for each session, the last used first, and
 * `state.json` what has changed since, as `IndexState` says. The index is current while the state has the time of the
 * directory, which every change of another program moves, and a crash during one of ours; otherwise the next reader
 * rebuilds it. Where it cannot be written, only speed is lost.
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
    this.statePath = join(directory, 'state.json')
    this.stalePath = join(directory, 'stale.json')
  }

  /** The state of the index of a large store, if it is current. */
  current(): IndexState | undefined {
    const state = this.#state()
    return state &&
      state.sessions > SMALL &&
      Math.abs(Date.now() - state.checked) < CHECK_INTERVAL_MS &&
      state.changed === this.files.changed() &&
      // A foreign file that was repaired in place is a session now.
      state.foreign.every((id) => typeof this.files.read(id) === 'string')
      ? state
      : undefined
  }

  /** All sessions, in no order, and the ids of foreign files. */
  all(): Contents {
    const state = this.current()
    const entries = state && ignoringErrors(() => [...this.#entries(state)])
    if (entries) return {entries, foreign: state.foreign}
    const ids = this.files.ids()
    return ids.length > SMALL ? this.#rebuild() : this.#read(ids, [])
  }

  /** Entries, the last used first. With `part` at least those whose line contains it. */
  *newest(part?: string): Generator<IndexEntry> {
    const seen = new Set<string>()
    const state = this.current()
    try {
      for (const entry of state ? this.#entries(state, part) : []) {
        seen.add(entry.id)
        yield entry
      }
      if (state) return
    } catch {
      // It was deleted meanwhile, or is damaged.
    }

    for (const entry of this.all().entries.sort(newestFirst)) if (!seen.has(entry.id)) yield entry
  }

  /**
   * Runs a change of one file, under the lock, and records it. `apply` returns
   * the new entry of the session, nothing when it was deleted.
   */
  change(id: string, before: SessionFile | undefined, apply: () => IndexEntry | undefined): void {
    const began = monotonicMs()
    const last = this.#state()
    const isCurrent = last?.changed === this.files.changed()
    const entry = apply()
    if (!last) return
    // An index with too many changes is rebuilt by its next reader. Until then no change has to look at it.
    if (!isCurrent || Object.keys(last.changes).length >= MAX_CHANGES)
      return ignoringErrors(() => renameSync(this.statePath, this.stalePath))
    ignoringErrors(() => {
      const changed = this.files.markUnchanged()
      // A process that was stopped here may have hidden a change of another program.
      if (changed === undefined || monotonicMs() - began > CHANGE_MS) return
      this.#writeState({
        ...last,
        changed,
        sessions: last.sessions + (entry ? 1 : 0) - (before ? 1 : 0),
        tokens: addTokens(addTokens(last.tokens, before && tokensOf(before), -1), entry?.tokens),
        changes: {...last.changes, [id]: entry ?? null},
      })
    })
  }

  /** Undefined where there is none for these lines. */
  #state(path = this.statePath): IndexState | undefined {
    return ignoringErrors(() => {
      const state = JSON.parse(readText(path)) as IndexState
      return state.lines === stampOf(statSync(this.path)) ? state : undefined
    })
  }

  /** The last used first. Throws where the lines cannot be read. */
  *#entries({changes, sessions}: IndexState, part?: string): Generator<IndexEntry> {
    const changed = Object.values(changes)
      .filter((entry) => entry !== null)
      .sort(newestFirst)
    let count = changed.length
    for (const line of linesWith(this.path, part)) {
      const entry = JSON.parse(line) as IndexEntry
      if (entry.id in changes) continue
      while (changed.length > 0 && newestFirst(changed[0]!, entry) < 0) yield changed.shift()!
      yield entry
      count++
    }

    yield* changed
    if (part === undefined && count !== sessions) throw new Error('lines are missing')
  }

  /** Looks at every file, and reads those that differ from what is known of them. */
  #read(ids: readonly string[], known: readonly IndexEntry[]): Contents {
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

    return {entries, foreign}
  }

  /** Looks at every file, and writes the index unless another process holds the lock. */
  #rebuild(): Contents {
    const state = this.#state() ?? this.#state(this.stalePath)
    const known = state && ignoringErrors(() => [...this.#entries(state)])
    const lock = ignoringErrors(() => this.lock.tryAcquire())
    try {
      const mark = lock && this.files.markUnchanged()
      const found = this.#read(this.files.ids(), known ?? [])
      ignoringErrors(() => {
        if (!lock) return
        this.#write(found, mark === this.files.changed() ? mark : undefined)
        this.files.removeAbandoned()
      })
      return found
    } finally {
      lock?.release()
    }
  }

  /** Without a time of the directory it only spares the reading of unchanged files. */
  #write({entries, foreign}: Contents, changed = ''): void {
    makeDirectory(this.directory)
    for (const path of abandonedFiles(this.directory)) rmSync(path)
    const lines = entries.toSorted(newestFirst).map((entry) => `${JSON.stringify(entry)}\n`)
    this.#replace(this.path, lines.join(''))
    const sums = {sessions: entries.length, tokens: sumOf(entries)}
    const stamp = stampOf(statSync(this.path))
    this.#writeState({lines: stamp, changed, ...sums, checked: Date.now(), foreign, changes: {}})
  }

  #writeState(state: IndexState): void {
    this.#replace(this.statePath, JSON.stringify(state))
  }

  /** Not waiting for the disk: after a power cut the index may be gone. */
  #replace(path: string, text: string): void {
    const temporary = temporaryIn(dirname(path))
    try {
      writeFileSync(temporary, text, {mode: 0o600, flag: 'wx'})
      renameSync(temporary, path)
    } catch (error) {
      rmSync(temporary, {force: true})
      throw error
    }
  }
}

export interface Contents {
  readonly entries: IndexEntry[]
  readonly foreign: readonly string[]
}

export interface IndexState {
  /** The stamp of `sessions.jsonl` that this state belongs to. */
  readonly lines: string
  /** The time of the directory of sessions, in nanoseconds: the index is current until that changes. */
  readonly changed: string
  readonly sessions: number
  readonly tokens: Tokens
  /** When every file was last looked at, in milliseconds since 1970. */
  readonly checked: number
  /** Ids of files that are not sessions of this version. */
  readonly foreign: readonly string[]
  /** By id, what counts instead of a line; null for a session that was deleted. */
  readonly changes: Readonly<Record<string, IndexEntry | null>>
}

/** What the lines of entries contain that have this value. */
export function partOf(field: keyof IndexEntry, value: string): string {
  return `"${field}":${JSON.stringify(value)}`
}

/** Lines that contain `part`. Most readers need those at the beginning only. */
function* linesWith(path: string, part = '\n'): Generator<string> {
  const {file, size} = openFile(path, LARGEST_BYTES)
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
const MAX_CHANGES = 250
/** A change takes a millisecond. */
const CHANGE_MS = 30
/** Of an index of a million sessions. */
const LARGEST_BYTES = 512 * 1024 * 1024
const FIRST_BYTES = 65_536
