import {rmSync} from 'node:fs'
import {join} from 'node:path'
import {Failure} from 'clinvk-kit/errors/failure'
import {type Lock, LockFile} from 'clinvk-kit/process/lock-file'
import {clinvkHome} from 'clinvk-kit/settings/files'
import {matches, ORDERS, type SessionFilter, type SortKey} from './filter.js'
import {type IndexEntry, indexEntry} from './index-entry.js'
import {partOf, SessionIndex} from './session-index.js'
import {shortId, type SessionFile} from './session-file.js'
import {isId, SessionFiles, stampOf, type Unreadable} from './session-files.js'
import {isRunning, statusOf} from './status.js'
import {Transcripts} from './transcripts.js'
import {UnansweredPrompts} from './unanswered-prompts.js'
import {sumOf, type Tokens} from './usage.js'

/**
 * The sessions of a user, a JSON file each. A write replaces the whole file, so a
 * crash leaves the old or the new one; a lock lets one process at a time change
 * what it has read, so no change is lost. An index finds sessions quickly.
 */
export class SessionStore {
  readonly files: SessionFiles
  readonly lock: LockFile
  readonly index: SessionIndex
  readonly prompts: UnansweredPrompts
  readonly transcripts: Transcripts

  constructor(env: Readonly<Record<string, string | undefined>>) {
    const home = clinvkHome(env)
    // Not in the directory of the index, which may be deleted at any time.
    const work = join(home, 'work')
    this.files = new SessionFiles(join(home, 'sessions'), work)
    this.prompts = new UnansweredPrompts(join(home, 'prompts'))
    this.transcripts = new Transcripts(home)
    this.lock = new LockFile(join(work, 'lock'), 'The sessions')
    this.index = new SessionIndex(this.files, join(home, 'index'), this.lock)
  }

  /** The session with exactly this id, if there is one. Throws a Failure when its file cannot be understood. */
  get(id: string): SessionFile | undefined {
    const session = isId(id) ? this.files.read(id) : undefined
    if (typeof session === 'string') throw new Failure('session', this.#reason(id, session))
    return session
  }

  readAll(ids: readonly string[]): SessionFile[] {
    return ids.flatMap((id) => {
      const session = this.files.read(id)
      return session && typeof session !== 'string' ? [session] : []
    })
  }

  named(name: string): SessionFile | undefined {
    return this.#with('name', name).find((session) => session.name === name)
  }

  /** The sessions whose id begins so, the last used first. */
  startingWith(prefix: string): SessionFile[] {
    const isMatch = (id: string) => id.startsWith(prefix)
    const ids = [...this.index.newest(partOf('id', prefix).slice(0, -1))].map(({id}) => id).filter(isMatch)
    // Also those that the index does not know.
    return this.readAll(ids.length > 0 ? ids : this.files.ids().filter(isMatch))
  }

  /** The sessions that were forked from this one, the last used first. */
  forksOf(id: string): SessionFile[] {
    return this.#with('parent', id)
  }

  /** The last used session that passes the filter. */
  newest(filter: SessionFilter): SessionFile | undefined {
    const {backend, directory} = filter
    const part = directory ? partOf('dir', directory) : backend && partOf('backend', backend)
    for (const entry of this.index.newest(part)) {
      if (!this.#matches(entry, filter)) continue
      const [session] = this.readAll([entry.id])
      // It may have been edited in place.
      if (session && this.#matches(indexEntry(session, ''), filter)) return session
    }

    return undefined
  }

  /** The sessions that pass the filter, those of one page, and the sums of all that pass. */
  list(filter: SessionFilter = {}, {limit = 0, offset = 0, sort = 'used'}: ListOptions = {}): SessionList {
    const isNewest = sort === 'used' && limit > 0 && Object.values(filter).every(isUnset)
    const checkpoint = isNewest ? this.index.current() : undefined
    if (checkpoint) {
      const {foreign, sessions: total, tokens} = checkpoint
      const newest: IndexEntry[] = []
      for (const entry of this.index.newest()) if (newest.push(entry) === offset + limit) break
      return {...this.#listed(newest.slice(offset), foreign), total, tokens}
    }

    const {entries, foreign} = this.index.all()
    const found = entries.filter((entry) => this.#matches(entry, filter)).sort(ORDERS[sort])
    const shown = found.slice(offset, limit === 0 ? undefined : offset + limit)
    return {...this.#listed(shown, foreign), total: found.length, tokens: sumOf(found)}
  }

  /** What the index has of all sessions, the last used first. */
  entries(): Iterable<IndexEntry> {
    return this.index.newest()
  }

  /** Writes a new session. Rejects with a Failure when its name is taken. */
  async create(session: SessionFile): Promise<void> {
    await this.lock.run((lock) => this.#write(session, undefined, lock))
  }

  /** The same, unless it is there already. Returns whether it was not. */
  async adopt(session: SessionFile): Promise<boolean> {
    return this.lock.run(async (lock) => {
      if (this.get(session.id)) return false
      await this.#write(session, undefined, lock)
      return true
    })
  }

  /** Changes what is in the file now, and returns it. Rejects when the session is gone, or with what `change` throws. */
  async update(id: string, change: (session: SessionFile) => void): Promise<SessionFile> {
    return this.lock.run(async (lock) => {
      const before = this.get(id)
      if (!before) throw new Failure('session', `Session ${shortId({id})} was deleted meanwhile.`)
      const session = structuredClone(before)
      change(session)
      await this.#write(session, before, lock)
      return session
    })
  }

  /** Deletes a session if it exists and `mayDelete` still holds. Returns whether it did. */
  async delete(id: string, mayDelete: (session: SessionFile) => boolean): Promise<boolean> {
    return (await this.deleteAll([id], mayDelete)).length > 0
  }

  /** Deletes the sessions that exist and for which `mayDelete` still holds. Returns them. */
  async deleteAll(
    ids: readonly string[],
    mayDelete: (session: SessionFile) => boolean,
  ): Promise<SessionFile[]> {
    const deleted: SessionFile[] = []
    for (let start = 0; start < ids.length; start += BATCH) {
      const remove = (lock?: Lock) => {
        for (const id of ids.slice(start, start + BATCH)) {
          const session = this.get(id)
          if (!session || !mayDelete(session)) continue
          lock?.check()
          this.prompts.remove(id)
          this.transcripts.remove(id)
          this.index.change(id, session, () => this.files.remove(id))
          deleted.push(session)
        }
      }

      try {
        await this.lock.run(remove)
      } catch (error) {
        // A full disk has no room for the lock, and deleting is what makes room.
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
        remove()
      }
    }

    return deleted
  }

  /** Deletes the index, which is rebuilt at once, and abandoned files. Rejects with what keeps the store from being changed. */
  async renewIndex(): Promise<void> {
    await this.lock.run(() => {
      rmSync(this.index.directory, {recursive: true, force: true})
      this.files.removeAbandoned()
    })
    this.index.all()
  }

  #with(field: 'name' | 'parent', value: string): SessionFile[] {
    const entries = [...this.index.newest(partOf(field, value))].filter((entry) => entry[field] === value)
    return this.readAll(entries.map(({id}) => id))
  }

  async #write(session: SessionFile, before: SessionFile | undefined, lock: Lock): Promise<void> {
    if (session.name !== before?.name) this.#checkName(session)
    const file = await this.files.prepare(session)
    this.index.change(session.id, before, () => {
      file.publish(lock.check)
      return indexEntry(session, stampOf(file.stats))
    })
  }

  #checkName({id, name}: SessionFile): void {
    const taken = name === undefined ? undefined : this.named(name)
    if (!taken || taken.id === id) return
    const other = shortId(taken)
    throw new Failure('usage', `The name "${name}" is taken by session ${other}.`, [
      `Look at it: clinvk sessions show ${other}`,
    ])
  }

  #matches(entry: IndexEntry, filter: SessionFilter): boolean {
    return matches(entry, filter, ({id, running, status}) => {
      if (!running) return [status]
      return this.readAll([id]).flatMap((session) =>
        isRunning(session) ? [statusOf(session), 'running'] : [statusOf(session)],
      )
    })
  }

  #listed(
    entries: readonly IndexEntry[],
    foreign: readonly string[],
  ): Pick<SessionList, 'sessions' | 'skipped'> {
    const sessions: SessionFile[] = []
    const skipped: string[] = []
    for (const id of [...foreign, ...entries.map((entry) => entry.id)]) {
      const found = this.files.read(id)
      if (typeof found === 'string') skipped.push(this.#reason(id, found))
      else if (found) sessions.push(found)
    }

    return {sessions, skipped}
  }

  #reason(id: string, why: Unreadable): string {
    return `${this.files.path(id)} ${WHY[why]}.`
  }
}

/** A page of a list. */
export interface ListOptions {
  /** How many; 0: all. */
  readonly limit?: number
  /** How many are left out before them. */
  readonly offset?: number
  readonly sort?: SortKey
}

export interface SessionList {
  readonly sessions: SessionFile[]
  /** How many pass the filter, before the limit. */
  readonly total: number
  /** Of all that pass the filter; absent where none are to be shown. */
  readonly tokens?: Tokens
  /** A sentence about each file that is no session of this version. */
  readonly skipped: readonly string[]
}

function isUnset(value: unknown): boolean {
  return value === undefined || value === false || (Array.isArray(value) && value.length === 0)
}

/** Sessions that are deleted under one lock: others wait for it no longer than a second. */
const BATCH = 1000

const WHY: Record<Unreadable, string> = {
  unreadable: 'is not a session file',
  newer: 'was written by a later version of clinvk',
  inaccessible: 'cannot be read',
}
