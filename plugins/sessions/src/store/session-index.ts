import {appendFileSync, renameSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {dirname} from 'node:path'
import {makeDirectory} from 'clinvk-kit/files/replace-file'
import type {Lock, LockFile} from 'clinvk-kit/process/lock-file'
import {type IndexEntry, indexEntry, newestFirst} from './index-entry.js'
import {type Checkpoint, type Deletion, lineOf, linesFromEnd, partOf} from './index-file.js'
import type {SessionFile} from './session-file.js'
import type {SessionFiles} from './session-files.js'
import {addTokens, sumOf, tokensOf} from './usage.js'

/**
 * Finds sessions without reading every file. It is a cache that may be deleted at
 * any time: what it finds is looked up in the files. It is current while its
 * checkpoint has the time of the directory, which every change of another program
 * moves, and a crash during one of ours; otherwise the next reader rebuilds it.
 * Where it cannot be written, only speed is lost.
 */
export class SessionIndex {
  readonly #files: SessionFiles
  readonly #path: string
  readonly #lock: LockFile

  constructor(files: SessionFiles, path: string, lock: LockFile) {
    this.#files = files
    this.#path = path
    this.#lock = lock
  }

  /** The checkpoint of a large store, if the index is current. */
  current(): Checkpoint | undefined {
    const checkpoint = this.#checkpoint()
    return checkpoint &&
      checkpoint.sessions > SMALL &&
      Math.abs(Date.now() - checkpoint.checked) < CHECK_INTERVAL_MS &&
      checkpoint.changed === this.#files.changed() &&
      // A foreign file that was repaired in place is a session now.
      checkpoint.foreign.every((id) => typeof this.#files.read(id) === 'string')
      ? checkpoint
      : undefined
  }

  /** All sessions, in no order, and the ids of foreign files. */
  all(): Contents {
    const changed = this.#files.changed()
    if (changed === undefined) return {entries: [], foreign: []}
    const {foreign} = this.current() ?? {}
    const known = this.#entries()
    if (foreign) return {entries: [...known.values()], foreign}
    const checkpoint = this.#checkpoint()
    if (checkpoint?.changed !== changed || checkpoint.sessions > SMALL) return this.#rebuild(known)
    const found = this.#compare(known)
    const isSame = found.isSame && found.foreign.join() === checkpoint.foreign.join()
    return isSame ? found : this.#rebuild(known)
  }

  /** Entries, the last used first. With `part` at least those whose line contains it. */
  *newest(part?: string): Generator<IndexEntry> {
    if (!this.current()) {
      yield* this.all().entries.sort(newestFirst)
      return
    }

    const seen = new Set<string>()
    // An entry that was changed, but not used last, waits for those that were used later.
    const waiting: IndexEntry[] = []
    for (const {line} of linesFromEnd(this.#path, part)) {
      if (!line || 'changed' in line || seen.has(line.id)) continue
      seen.add(line.id)
      if ('deleted' in line) continue
      waiting.push(line)
      if (line.late) continue
      waiting.sort(newestFirst)
      while (waiting.length > 0 && waiting[0]!.used > line.used) yield waiting.shift()!
    }

    yield* waiting.sort(newestFirst)
  }

  /** Ids of the sessions that have, or had, this name. */
  named(name: string): string[] {
    return [...this.newest(partOf('name', name))].flatMap((entry) => (entry.name === name ? [entry.id] : []))
  }

  /** Ids that begin so. Where the index has none, the names of the files are read. */
  startingWith(prefix: string): string[] {
    const isMatch = ({id}: {id: string}) => id.startsWith(prefix)
    const found = [...this.newest(partOf('id', prefix).slice(0, -1))].filter(isMatch).map(({id}) => id)
    return found.length > 0 ? found : this.#files.ids().filter((id) => id.startsWith(prefix))
  }

  /**
   * Runs a change of one file, under the lock, and records it. `apply` returns
   * the new entry of the session, nothing when it was deleted.
   */
  change(id: string, before: SessionFile | undefined, apply: () => IndexEntry | undefined): void {
    const began = performance.now()
    const last = this.#checkpoint()
    const isCurrent = last?.changed === this.#files.changed()
    const entry = apply()
    // An index that has become too long is rebuilt by its next reader.
    if (!last || !isCurrent || last.lines > last.sessions * LINES_PER_SESSION + SPARE_LINES) return
    ignoringErrors(() => {
      const changed = this.#files.markUnchanged()
      // A process that was stopped here may have hidden a change of another program.
      if (changed === undefined || performance.now() - began > CHANGE_MS) return
      const late = entry && entry.used < last.latest ? true : undefined
      const line = lineOf(entry ? {...entry, late} : {id, deleted: true})
      const checkpoint: Checkpoint = {
        ...last,
        changed,
        at: statSync(this.#path).size + Buffer.byteLength(line),
        lines: last.lines + 2,
        sessions: last.sessions + (entry ? 1 : 0) - (before ? 1 : 0),
        tokens: addTokens(addTokens(last.tokens, before && tokensOf(before), -1), entry?.tokens),
        latest: Math.max(last.latest, entry?.used ?? 0),
      }
      appendFileSync(this.#path, line + lineOf(checkpoint))
    })
  }

  /** Rebuilds it from the files alone. Throws what keeps it from being written. */
  renew(lock: Lock): void {
    this.#replace('')
    this.#rebuild(new Map(), lock)
  }

  /** Undefined when the index does not end in one, or bytes are missing or added. */
  #checkpoint(): Checkpoint | undefined {
    for (const {line, start} of linesFromEnd(this.#path)) {
      return line && 'changed' in line && line.at === start ? line : undefined
    }

    return undefined
  }

  /** The last line about each session. */
  #entries(): Map<string, IndexEntry> {
    const entries = new Map<string, IndexEntry | Deletion>()
    for (const {line} of linesFromEnd(this.#path))
      if (line && 'id' in line && !entries.has(line.id)) entries.set(line.id, line)
    for (const [id, entry] of entries) if ('deleted' in entry) entries.delete(id)
    return entries as Map<string, IndexEntry>
  }

  /** Looks at every file, and reads those that have changed. */
  #compare(known: ReadonlyMap<string, IndexEntry>): Contents & {isSame: boolean} {
    const entries: IndexEntry[] = []
    const foreign: string[] = []
    const realPaths = new Map<string, string>()
    let isSame = true
    for (const id of this.#files.ids()) {
      const stamp = this.#files.stamp(id)
      if (stamp === undefined) continue
      const before = known.get(id)
      if (before?.stamp === stamp) {
        entries.push(before)
        continue
      }

      // A foreign file is read each time: it may become readable without a change of its time.
      const found = this.#files.read(id)
      if (typeof found === 'string') foreign.push(id)
      else if (found) {
        entries.push(indexEntry(found, stamp, realPaths))
        isSame = false
      }
    }

    return {entries, foreign, isSame: isSame && entries.length === known.size}
  }

  /** Compares, and writes the index unless another process holds the lock. */
  #rebuild(known: ReadonlyMap<string, IndexEntry>, held?: Lock): Contents {
    let lock = held
    ignoringErrors(() => (lock ??= this.#lock.tryAcquire()))
    try {
      const mark = lock && this.#files.markUnchanged()
      const found = this.#compare(known)
      ignoringErrors(() => {
        if (!lock) return
        this.#replace(wholeText(found, mark === this.#files.changed() ? mark : undefined))
        for (const path of this.#files.abandoned()) rmSync(path, {recursive: true, force: true})
      })
      return found
    } finally {
      if (!held) lock?.release()
    }
  }

  #replace(text: string): void {
    const temporary = `${this.#path}.new`
    makeDirectory(dirname(this.#path))
    rmSync(temporary, {force: true})
    writeFileSync(temporary, text, {mode: 0o600, flag: 'wx'})
    renameSync(temporary, this.#path)
  }
}

export interface Contents {
  readonly entries: IndexEntry[]
  readonly foreign: readonly string[]
}

/** A whole index. Without a checkpoint it only spares the reading of unchanged files. */
function wholeText({entries, foreign}: Contents, changed: string | undefined): string {
  const sorted = entries.toSorted((a, b) => newestFirst(b, a))
  const text = sorted.map((entry) => lineOf({...entry, late: undefined})).join('')
  if (changed === undefined) return text
  const checkpoint: Checkpoint = {
    changed,
    at: Buffer.byteLength(text),
    lines: entries.length + 1,
    sessions: entries.length,
    tokens: sumOf(entries),
    latest: sorted.at(-1)?.used ?? 0,
    checked: Date.now(),
    foreign,
  }
  return text + lineOf(checkpoint)
}

/** For an index that cannot be written, on a read-only or full disk: it stays out of date and is not used. */
function ignoringErrors(action: () => void): void {
  try {
    action()
  } catch {
    // See above.
  }
}

/**
 * In a store of at most so many sessions every file is looked at each time, which
 * takes a millisecond or two and also finds files that were edited in place: that
 * does not change the time of the directory.
 */
const SMALL = 256
/** After so long every file of a larger store is looked at, too. */
const CHECK_INTERVAL_MS = 86_400_000
const LINES_PER_SESSION = 1.25
const SPARE_LINES = 1000
/** A change takes less than a millisecond. */
const CHANGE_MS = 30
