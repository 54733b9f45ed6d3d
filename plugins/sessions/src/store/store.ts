import {unlinkSync} from 'node:fs'
import {join} from 'node:path'
import {Failure} from 'clinvk-kit/errors/failure'
import {type Lock, LockFile} from 'clinvk-kit/process/lock-file'
import {clinvkHome} from 'clinvk-kit/settings/files'
import {type IndexEntry, indexEntry, matches, ORDERS} from './index-entry.js'
import type {Page, SessionFilter, SortKey} from './index-entry.js'
import {type FindOptions, partOf, SessionIndex} from './session-index.js'
import {shortId, type SessionFile} from './session-file.js'
import {isId, SessionFiles, stampOf} from './session-files.js'
import {Transcripts} from './transcripts.js'
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
  readonly transcripts: Transcripts

  constructor(env: Readonly<Record<string, string | undefined>>) {
    const home = clinvkHome(env)
    // Not in the directory of the index, which may be deleted at any time.
    const work = join(home, 'work')
    this.files = new SessionFiles(join(home, 'sessions'), work)
    this.transcripts = new Transcripts(home)
    this.lock = new LockFile(join(work, 'lock'), 'The sessions')
    this.index = new SessionIndex(this.files, join(home, 'index'), this.lock)
  }

  /** The session with exactly this id, if there is one. Throws a Failure when its file cannot be understood. */
  get(id: string): SessionFile | undefined {
    const session = isId(id) ? this.files.read(id) : undefined
    if (typeof session === 'string') throw new Failure('session', session)
    return session
  }

  readAll(ids: readonly string[]): SessionFile[] {
    return ids.map((id) => this.files.read(id)).filter((found) => typeof found === 'object')
  }

  /** The sessions that are wanted by what the index has of them, the last used first. */
  find(isWanted: (entry: IndexEntry) => boolean, options?: FindOptions): SessionFile[] {
    return this.readAll(this.index.find(isWanted, options).entries.map(({id}) => id))
  }

  named(name: string): SessionFile | undefined {
    const found = this.find((entry) => entry.name === name, {part: partOf('name', name)})
    return found.find((session) => session.name === name)
  }

  /** The sessions whose id begins so, the last used first. */
  startingWith(prefix: string): SessionFile[] {
    const found = this.find(({id}) => id.startsWith(prefix), {part: partOf('id', prefix).slice(0, -1)})
    // Also those that the index does not know.
    return found.length > 0 ? found : this.readAll(this.files.ids().filter((id) => id.startsWith(prefix)))
  }

  /** The sessions that were forked from this one, the last used first. */
  forksOf(id: string): SessionFile[] {
    return this.find(({parent}) => parent === id, {part: partOf('parent', id)})
  }

  /** The last used session that passes the filter. */
  newest(filter: SessionFilter): SessionFile | undefined {
    const {backend, directory} = filter
    const part = directory ? partOf('dir', directory) : backend && partOf('backend', backend)
    // It may have been edited in place.
    const isMatch = (session: SessionFile) => matches(indexEntry(session, ''), filter)
    const isWanted = (entry: IndexEntry) => matches(entry, filter) && this.readAll([entry.id]).some(isMatch)
    return this.find(isWanted, {limit: 1, part})[0]
  }

  /** The sessions that pass the filter, those of one page, and the sums of all that pass. */
  list(filter: SessionFilter = {}, {limit = 0, offset = 0, sort = 'used'}: ListOptions = {}): SessionList {
    const end = limit === 0 ? Infinity : offset + limit
    const isAll = Object.values(filter).every(isUnset)
    const found = this.index.find((entry) => matches(entry, filter), {
      limit: isAll && sort === 'used' ? end : Infinity,
    })
    const entries = sort === 'used' ? found.entries : found.entries.sort(ORDERS[sort])
    const ids = [...found.foreign, ...entries.slice(offset, end).map(({id}) => id)]
    const files = ids.map((id) => this.files.read(id))
    return {
      sessions: files.filter((file) => typeof file === 'object'),
      skipped: files.filter((file) => typeof file === 'string'),
      total: isAll ? found.sessions : entries.length,
      tokens: isAll ? found.tokens : sumOf(entries),
    }
  }

  /** What the index has of all sessions, the last used first. */
  entries(): readonly IndexEntry[] {
    return this.index.find(() => true).entries
  }

  /** Writes a session unless it is there already. Returns whether it was not. Rejects with a Failure when its name is taken. */
  async create(session: SessionFile): Promise<boolean> {
    return this.lock.run(async (lock) => {
      if (this.files.stamp(session.id) !== '') return false
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
          this.transcripts.remove(id)
          this.index.change(id, session, () => unlinkSync(this.files.path(id)) as undefined)
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
}

export interface ListOptions extends Page {
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
