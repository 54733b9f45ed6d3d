import {appendFileSync, closeSync, constants, openSync, readSync} from 'node:fs'
import {renameSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {dirname} from 'node:path'
import {openFile} from 'clinvk-kit/files/read-file'
import {abandonedFiles, makeDirectory, temporaryIn} from 'clinvk-kit/files/replace-file'
import type {LockFile} from 'clinvk-kit/process/lock-file'
import {type IndexEntry, indexEntry, newestFirst} from './index-entry.js'
import type {SessionFile} from './session-file.js'
import type {SessionFiles} from './session-files.js'
import {addTokens, sumOf, type Tokens, tokensOf} from './usage.js'

/**
 * Finds sessions of a large store without reading every file. It is a cache that may be deleted at any time:
 * what it finds is looked up in the files. It is current while its checkpoint has the time of the directory,
 * which every change of another program moves, and a crash during one of ours; otherwise the next reader
 * rebuilds it. Where it cannot be written, only speed is lost.
 *
 * On disk it has a line of JSON for each session, the last used last, then a line for each change since, with
 * a checkpoint after it. The last line about a session counts.
 */
export class SessionIndex {
  constructor(
    readonly files: SessionFiles,
    readonly path: string,
    readonly lock: LockFile,
  ) {}

  /** The checkpoint of a large store, if the index is current. */
  current(): Checkpoint | undefined {
    const checkpoint = this.#checkpoint()
    return checkpoint &&
      checkpoint.sessions > SMALL &&
      Math.abs(Date.now() - checkpoint.checked) < CHECK_INTERVAL_MS &&
      checkpoint.changed === this.files.changed() &&
      // A foreign file that was repaired in place is a session now.
      checkpoint.foreign.every((id) => typeof this.files.read(id) === 'string')
      ? checkpoint
      : undefined
  }

  /** All sessions, in no order, and the ids of foreign files. */
  all(): Contents {
    const {foreign} = this.current() ?? {}
    const entries = foreign ? [...this.#entries().values()] : []
    // None: the index was deleted since.
    if (foreign && entries.length > 0) return {entries, foreign}
    const ids = this.files.ids()
    return ids.length > SMALL ? this.#rebuild() : this.#read(ids, new Map())
  }

  /** Entries, the last used first. With `part` at least those whose line contains it. */
  *newest(part?: string): Generator<IndexEntry> {
    const {sorted} = this.current() ?? {}
    if (sorted === undefined) {
      yield* this.all().entries.sort(newestFirst)
      return
    }

    const seen = new Set<string>()
    // Those that were changed since the others were sorted.
    const changed: IndexEntry[] = []
    let isSorted = false
    for (const {line, start} of linesFromEnd(this.path, part)) {
      if (!line || 'changed' in line || seen.has(line.id)) continue
      seen.add(line.id)
      if ('deleted' in line) continue
      if (start >= sorted) {
        changed.push(line)
        continue
      }

      if (!isSorted) changed.sort(newestFirst)
      isSorted = true
      while (changed.length > 0 && newestFirst(changed[0]!, line) < 0) yield changed.shift()!
      yield line
    }

    yield* changed.sort(newestFirst)
    if (seen.size === 0 && !this.current()) yield* this.all().entries.sort(newestFirst)
  }

  /**
   * Runs a change of one file, under the lock, and records it. `apply` returns
   * the new entry of the session, nothing when it was deleted.
   */
  change(id: string, before: SessionFile | undefined, apply: () => IndexEntry | undefined): void {
    const began = performance.now()
    const last = this.#checkpoint()
    const isCurrent = last?.changed === this.files.changed()
    const entry = apply()
    // An index that has become too long is rebuilt by its next reader.
    if (!last || !isCurrent || last.changes >= MAX_CHANGES) return
    ignoringErrors(() => {
      const changed = this.files.markUnchanged()
      // A process that was stopped here may have hidden a change of another program.
      if (changed === undefined || performance.now() - began > CHANGE_MS) return
      const line = lineOf(entry ?? {id, deleted: true})
      const checkpoint: Checkpoint = {
        ...last,
        changed,
        at: statSync(this.path).size + Buffer.byteLength(line),
        changes: last.changes + 1,
        sessions: last.sessions + (entry ? 1 : 0) - (before ? 1 : 0),
        tokens: addTokens(addTokens(last.tokens, before && tokensOf(before), -1), entry?.tokens),
      }
      const file = openSync(this.path, APPEND)
      appendFileSync(file, line + lineOf(checkpoint))
      closeSync(file)
    })
  }

  /** Undefined when the index does not end in one, or bytes are missing or added. */
  #checkpoint(): Checkpoint | undefined {
    const [{line, start} = {}] = linesFromEnd(this.path)
    return line && 'changed' in line && line.at === start ? line : undefined
  }

  /** The last line about each session. */
  #entries(): Map<string, IndexEntry> {
    const entries = new Map<string, IndexEntry | Deletion>()
    for (const {line} of linesFromEnd(this.path))
      if (line && 'id' in line && !entries.has(line.id)) entries.set(line.id, line)
    for (const [id, entry] of entries) if ('deleted' in entry) entries.delete(id)
    return entries as Map<string, IndexEntry>
  }

  /** Looks at every file, and reads those that differ from what is known of them. */
  #read(ids: readonly string[], known: ReadonlyMap<string, IndexEntry>): Contents {
    const entries: IndexEntry[] = []
    const foreign: string[] = []
    const realPaths = new Map<string, string>()
    for (const id of ids) {
      const stamp = this.files.stamp(id)
      const before = known.get(id)
      // A foreign file is read each time: it may become readable without a change of its time.
      const found = before?.stamp === stamp ? before : this.files.read(id)
      if (typeof found === 'string') foreign.push(id)
      else if (found) entries.push('stamp' in found ? found : indexEntry(found, stamp, realPaths))
    }

    return {entries, foreign}
  }

  /** Looks at every file, and writes the index unless another process holds the lock. */
  #rebuild(): Contents {
    const known = this.#entries()
    const lock = ignoringErrors(() => this.lock.tryAcquire())
    try {
      const mark = lock && this.files.markUnchanged()
      const found = this.#read(this.files.ids(), known)
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

  /** Without a checkpoint an index only spares the reading of unchanged files. */
  #write({entries, foreign}: Contents, changed: string | undefined): void {
    const text = entries
      .toSorted((a, b) => newestFirst(b, a))
      .map(lineOf)
      .join('')
    const at = Buffer.byteLength(text)
    const sums = {sessions: entries.length, tokens: sumOf(entries)}
    const end =
      changed && lineOf({changed, at, sorted: at, changes: 0, ...sums, checked: Date.now(), foreign})
    const directory = dirname(this.path)
    makeDirectory(directory)
    for (const path of abandonedFiles(directory)) rmSync(path)
    const temporary = temporaryIn(directory)
    try {
      writeFileSync(temporary, text + (end ?? ''), {mode: 0o600, flag: 'wx'})
      renameSync(temporary, this.path)
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

/** The state of the index after the lines before it. */
export interface Checkpoint {
  /** The time of the directory of sessions, in nanoseconds: the index is current until that changes. */
  readonly changed: string
  /** Bytes before this line. */
  readonly at: number
  /** Bytes before the first change since the sessions were sorted. */
  readonly sorted: number
  readonly changes: number
  readonly sessions: number
  readonly tokens: Tokens
  /** When every file was last looked at, in milliseconds since 1970. */
  readonly checked: number
  /** Ids of files that are not sessions of this version. */
  readonly foreign: readonly string[]
}

interface Deletion {
  readonly id: string
  readonly deleted: true
}

type Line = IndexEntry | Deletion | Checkpoint

/** What the lines of entries contain that have this value. */
export function partOf(field: keyof IndexEntry, value: string): string {
  return `"${field}":${JSON.stringify(value)}`
}

function lineOf(line: Line): string {
  return `${JSON.stringify(line)}\n`
}

/**
 * Lines that contain `part`, from the last one back, and the bytes before each.
 * Most readers need the end of the file only. There are none where it cannot be read.
 */
function* linesFromEnd(path: string, part = '\n'): Generator<{line: Line | undefined; start: number}> {
  let file
  try {
    const opened = openFile(path, LARGEST_BYTES)
    file = opened.file
    let end = opened.size
    for (const length of [END_BYTES, Infinity]) {
      const offset = Math.max(0, end - length)
      const block = Buffer.alloc(end - offset)
      readSync(file, block, 0, block.length, offset)
      // A block that does not begin the file begins within a line.
      const first = offset === 0 ? 0 : block.indexOf('\n') + 1 || block.length
      for (let start, stop = block.length; stop > first; stop = start) {
        const match = part === '\n' ? stop - 1 : block.lastIndexOf(part, stop - 1)
        if (match < first) break
        start = match === 0 ? 0 : block.lastIndexOf('\n', match - 1) + 1
        const next = block.indexOf('\n', match)
        yield {
          line: parse(block.toString('utf8', start, next < 0 ? block.length : next)),
          start: offset + start,
        }
      }

      end = offset + first
    }
  } catch {
    // An index that cannot be read is rebuilt.
  } finally {
    if (file !== undefined) closeSync(file)
  }
}

/** Undefined for what is not a line of an index, such as half a line that a crash has left. */
function parse(text: string): Line | undefined {
  if (!/^\{"(?:id":"|changed":)/.test(text)) return undefined
  try {
    return JSON.parse(text) as Line
  } catch {
    return undefined
  }
}

/** For an index that cannot be written, on a read-only or full disk: it stays out of date and is not used. */
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
/** A change takes less than a millisecond. */
const CHANGE_MS = 30
/** Follows no link that somebody has put there. Windows has no such flag, which counts as 0. */
const APPEND = constants.O_WRONLY | constants.O_APPEND | constants.O_NOFOLLOW
/** Of an index of a million sessions. */
const LARGEST_BYTES = 512 * 1024 * 1024
/** Holds more than the changes. */
const END_BYTES = 262_144
