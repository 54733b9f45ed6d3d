import {
  type AnyEntry,
  type IndexEntry,
  indexEntry,
  isForeign,
  newestFirst,
  realPathOf,
  sessionsOf,
} from './index-entry.js'
import {Journal, type OpenJournal} from './journal.js'
import {beginning, type Gone, holding, type Seal} from './journal-line.js'
import {idsOf, newestOf} from './journal-search.js'
import {type Counted, linesAfter, wholeText} from './journal-text.js'
import type {StoreLock} from './lock.js'
import type {SessionFiles} from './session-files.js'

/**
 * Finds sessions without reading all files. It is a cache: the files alone are
 * true, and what it says is looked up in them. It is believed only while its
 * seal bears the time of the directory, which every other program's change (and
 * a crash in the middle of ours) moves on; else names and times of all files are
 * compared and it is written anew. Where it cannot be written, nothing is lost.
 */
export class SessionIndex {
  readonly #files: SessionFiles
  readonly #journal: Journal
  readonly #lock: StoreLock

  constructor(files: SessionFiles, path: string, lock: StoreLock) {
    this.#files = files
    this.#journal = new Journal(path)
    this.#lock = lock
  }

  /** The seal of a large store, where it can be believed without a look at each file. */
  sealed(): Seal | undefined {
    return this.#read((journal) => journal.seal)
  }

  /** All that there is, in no order. */
  all(): AnyEntry[] {
    const changed = this.#files.changed()
    if (changed === undefined) return []
    const journal = this.#journal.open()
    const known = journal?.entries() ?? new Map<string, AnyEntry>()
    const seal = journal?.seal
    journal?.close()
    if (this.#isBelieved(seal)) return [...known.values()]
    if (seal?.changed !== changed || seal.sessions > SMALL) return this.#renew(known)
    const found = this.#compare(known)
    return found.isSame ? found.entries : this.#renew(known)
  }

  /** Entries from the last used back. With `field`, those that have it in some field first of all, and perhaps no others. */
  *newest(field?: string): Generator<IndexEntry> {
    const journal = this.#believed()
    if (!journal) {
      yield* sessionsOf(this.all()).sort(newestFirst)
      return
    }

    try {
      yield* newestOf(journal, field)
    } finally {
      journal.close()
    }
  }

  /** Ids of the sessions that have, or once had, this name. */
  named(name: string): string[] {
    const found = this.#read((journal) => idsOf(journal.lines(holding(name)), (entry) => entry.name === name))
    return found ?? sessionsOf(this.all()).flatMap((entry) => (entry.name === name ? [entry.id] : []))
  }

  /** Ids that begin so. A miss is never taken from the index alone. */
  startingWith(prefix: string): string[] {
    const isFit = ({id}: {id: string}) => id.startsWith(prefix)
    const found = this.#read((journal) => idsOf(journal.lines(beginning(prefix)), isFit)) ?? []
    const there = found.filter((id) => this.#files.stamp(id) !== undefined)
    return there.length > 0 ? there : this.#files.ids().filter((id) => id.startsWith(prefix))
  }

  /**
   * Runs a change of one file and tells of it, under the lock. `before` are the
   * tokens of its session until now, if there was one; `apply` gives what is to
   * be known of it from now on.
   */
  change(before: Counted | undefined, apply: () => IndexEntry | Gone): void {
    const journal = this.#journal.open('append')
    try {
      const began = performance.now()
      const seal = journal?.seal
      const isTrue = seal !== undefined && seal.changed === this.#files.changed()
      const after = apply()
      // One that is too long is left to be written anew by whoever reads it next.
      if (!journal || !isTrue || seal.lines > seal.sessions * LINES_A_SESSION + ROOM) return
      quietly(() => {
        const changed = this.#files.markUnchanged()
        // Whoever was stopped in here may just have covered up a change of another program.
        if (changed === undefined || performance.now() - began > SWIFT_MS) return
        journal.append(linesAfter(seal, journal.size, changed, before, after))
      })
    } finally {
      journal?.close()
    }
  }

  #read<T>(use: (journal: OpenJournal) => T): T | undefined {
    const journal = this.#believed()
    try {
      return journal && use(journal)
    } finally {
      journal?.close()
    }
  }

  #believed(): OpenJournal | undefined {
    const journal = this.#journal.open()
    if (this.#isBelieved(journal?.seal)) return journal
    journal?.close()
    return undefined
  }

  /** Writes it anew from the files alone. Throws what keeps it from being written. */
  renew(): void {
    this.#lock.run(() => {
      this.#journal.replace('')
      this.all()
      this.#files.sweep()
    })
  }

  #isBelieved(seal: Seal | undefined): boolean {
    return (
      seal !== undefined &&
      seal.sessions > SMALL &&
      Math.abs(Date.now() - seal.checked) < CHECK_AFTER_MS &&
      seal.changed === this.#files.changed() &&
      // One that was mended in place is a session now.
      seal.foreign.every((id) => typeof this.#files.read(id) === 'string')
    )
  }

  /** Looks at every file, and reads those that are not as they were. */
  #compare(known: ReadonlyMap<string, AnyEntry>): {entries: AnyEntry[]; isSame: boolean} {
    const entries: AnyEntry[] = []
    const realPath = remembering(realPathOf)
    let isSame = true
    for (const id of this.#files.ids()) {
      const stamp = this.#files.stamp(id)
      if (stamp === undefined) continue
      const before = known.get(id)
      const isKnown = before?.stamp === stamp
      if (isKnown && !isForeign(before)) {
        entries.push(before)
        continue
      }

      // A foreign one is read each time: what it is may change with its permissions.
      const found = this.#files.read(id)
      if (found === undefined) continue
      const foreign = typeof found === 'string'
      entries.push(foreign ? {id, stamp, foreign: found} : indexEntry(found, stamp, realPath))
      if (!isKnown || !foreign) isSame = false
    }

    return {entries, isSame: isSame && entries.length === known.size}
  }

  /** Compares and writes the index anew, unless somebody holds the lock for longer. */
  #renew(known: ReadonlyMap<string, AnyEntry>): AnyEntry[] {
    // What anybody changes from here on can be seen by the time.
    let mark = this.#files.markUnchanged()
    let {entries} = this.#compare(known)
    quietly(() => {
      this.#lock.run(() => {
        if (mark !== undefined && mark !== this.#files.changed()) {
          mark = this.#files.markUnchanged()
          entries = this.#compare(new Map(entries.map((entry) => [entry.id, entry]))).entries
        }

        this.#journal.replace(wholeText(entries, mark === this.#files.changed() ? mark : undefined))
        this.#files.sweep()
      }, PATIENCE_MS)
    })
    return entries
  }
}

function remembering(ask: (text: string) => string): (text: string) => string {
  const answers = new Map<string, string>()
  return (text) => {
    const known = answers.get(text)
    if (known !== undefined) return known
    const answer = ask(text)
    answers.set(text, answer)
    return answer
  }
}

/** An index that cannot be written (read-only, full disk) costs time, nothing else: without its seal it is not believed. */
function quietly(action: () => void): void {
  try {
    action()
  } catch {
    // See above.
  }
}

/**
 * Up to so many files are looked at each time, which takes a millisecond or two:
 * so a file that was edited in place, which moves no time of the directory, is
 * noticed in any usual store.
 */
const SMALL = 256
/** In a larger one such a change is noticed within a day. */
const CHECK_AFTER_MS = 86_400_000
/** Lines a session, and beyond that, after which the index is written anew. */
const LINES_A_SESSION = 1.25
const ROOM = 1000
/** A change takes less than a millisecond. */
const SWIFT_MS = 30
/** A reader waits no longer than this to write the index anew. */
const PATIENCE_MS = 200
