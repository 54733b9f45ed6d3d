import {join} from 'node:path'
import {Failure} from 'clinvk-kit/failure'
import {randomHex} from 'clinvk-kit/random-id'
import {clinvkHome} from 'clinvk-kit/settings/files'
import type {SessionFile} from './session-file.js'
import {isRunning, type Status, statusOf} from './status.js'
import {
  type IndexEntry,
  indexEntry,
  isForeign,
  newestFirst,
  sessionsOf,
  sumOf,
  type Tokens,
  tokensOf,
} from './store/index-entry.js'
import {StoreLock} from './store/lock.js'
import {isId, SessionFiles, type Unreadable} from './store/session-files.js'
import {SessionIndex} from './store/session-index.js'

/**
 * The sessions of a user: one JSON file each, in a directory of its own. A write
 * replaces the whole file, so a crash leaves the old or the new; one process at
 * a time changes what it has read, so nobody's change is lost. Finding them goes
 * by an index that may vanish at any moment.
 */
export class SessionStore {
  readonly #files: SessionFiles
  readonly #index: SessionIndex
  readonly #lock: StoreLock

  constructor(env: Readonly<Record<string, string | undefined>>) {
    const home = clinvkHome(env)
    // Not in the directory of the index, which may be deleted at any time.
    const work = join(home, 'work')
    this.#files = new SessionFiles(join(home, 'sessions'), work)
    this.#lock = new StoreLock(work)
    this.#index = new SessionIndex(this.#files, join(home, 'index/journal.jsonl'), this.#lock)
  }

  /** The session with exactly this id; undefined when there is none. Throws a Failure when its file cannot be understood. */
  get(id: string): SessionFile | undefined {
    const session = isId(id) ? this.#files.read(id) : undefined
    if (typeof session === 'string') throw new Failure('session', this.#leftAlone(id, session))
    return session
  }

  /** The session with exactly this name. */
  named(name: string): SessionFile | undefined {
    return this.#read(this.#index.named(name)).find((session) => session.name === name)
  }

  /** The sessions whose id begins so, the last used first. */
  startingWith(prefix: string): SessionFile[] {
    return this.#read(this.#index.startingWith(prefix)).sort(byLastUse)
  }

  /** The session that was used last, of those that fit. */
  newest(filter: SessionFilter): SessionFile | undefined {
    for (const entry of this.#index.newest(filter.directory ?? filter.backend)) {
      if (!this.#fits(entry, filter)) continue
      const [session] = this.#read([entry.id])
      // It may have been edited in place.
      if (session && this.#fits(indexEntry(session, ''), filter)) return session
    }

    return undefined
  }

  /** The sessions that fit, in order, and what they sum up to; `limit` 0 gives all. */
  list(filter: SessionFilter = {}, {limit = 0, sort = 'used'}: ListOptions = {}): SessionList {
    const seal = sort === 'used' && limit > 0 && isAll(filter) ? this.#index.sealed() : undefined
    if (seal) {
      const newest: IndexEntry[] = []
      for (const entry of this.#index.newest()) if (newest.push(entry) === limit) break
      return this.#listed(newest, seal.foreign, {total: seal.sessions, tokens: seal.tokens})
    }

    const all = this.#index.all()
    const fitting = sessionsOf(all)
      .filter((entry) => this.#fits(entry, filter))
      .sort(ORDERS[sort])
    return this.#listed(
      limit === 0 ? fitting : fitting.slice(0, limit),
      all.flatMap((entry) => (isForeign(entry) ? [entry.id] : [])),
      {total: fitting.length, tokens: sumOf(fitting)},
    )
  }

  /** The last used of those that are wanted, at most `limit` of them. */
  latest(limit: number, isWanted: (entry: IndexEntry) => boolean): SessionFile[] {
    const ids: string[] = []
    for (const entry of this.#index.newest()) {
      if (isWanted(entry)) ids.push(entry.id)
      if (ids.length === limit) break
    }

    return this.#read(ids)
  }

  /** How many sessions have each tag. */
  tags(): Map<string, number> {
    const counts = new Map<string, number>()
    for (const {tags = []} of sessionsOf(this.#index.all()))
      for (const tag of tags) counts.set(tag, (counts.get(tag) ?? 0) + 1)
    return counts
  }

  /** Writes a new session. Throws a Failure when its name is taken. */
  create(session: SessionFile): void {
    this.#publish(session, undefined)
  }

  /**
   * Changes what is in the file now, and returns it. What `change` throws changes
   * nothing. Throws when the session is gone.
   */
  update(id: string, change: (session: SessionFile) => void): SessionFile {
    return this.#lock.run(() => {
      const session = this.get(id)
      if (!session) throw new Failure('session', `Session ${id.slice(0, 8)} was deleted meanwhile.`)
      const before = {name: session.name, tokens: tokensOf(session)}
      change(session)
      this.#publish(session, before)
      return session
    })
  }

  /** Deletes a session, if it is there and still `isDoomed`; what that throws deletes nothing. Tells whether it did. */
  delete(id: string, isDoomed: (session: SessionFile) => boolean): boolean {
    const remove = (isLocked: boolean) => {
      const session = this.get(id)
      if (!session || !isDoomed(session)) return false
      const apply = () => {
        this.#files.remove(id)
        return {id, gone: true} as const
      }
      if (isLocked) this.#index.change({tokens: tokensOf(session)}, apply)
      else apply()
      return true
    }

    try {
      return this.#lock.run(() => remove(true))
    } catch (error) {
      // On a full disk there is no room for a lock, and nothing that is needed more than a deletion.
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      return remove(false)
    }
  }

  /** Writes the index anew and removes what writers that died have left. Throws what keeps the store from being changed. */
  renewIndex(): void {
    this.#index.renew()
  }

  /** The process that changes the store at this moment, or keeps others from it. */
  holder(): {readonly pid: number; readonly isHere: boolean} | undefined {
    return this.#lock.holder()
  }

  /** Paths of what writers that died have left half written. */
  abandoned(): string[] {
    return this.#files.abandoned()
  }

  #publish(session: SessionFile, before: Before | undefined): void {
    const file = this.#files.prepare(session)
    try {
      this.#lock.run(() => {
        this.#checkName(session, before)
        this.#index.change(before, () => indexEntry(session, file.publish()))
      })
    } catch (error) {
      file.discard()
      throw error
    }
  }

  #checkName({id, name}: SessionFile, before: Before | undefined): void {
    if (name === undefined || name === before?.name) return
    const taken = this.named(name)
    if (taken && taken.id !== id) {
      throw new Failure('usage', `The name "${name}" is taken by session ${taken.id.slice(0, 8)}.`, [
        `Look at it: clinvk sessions show ${taken.id.slice(0, 8)}`,
      ])
    }
  }

  #read(ids: readonly string[]): SessionFile[] {
    return ids.flatMap((id) => {
      const session = this.#files.read(id)
      return session && typeof session !== 'string' ? [session] : []
    })
  }

  #fits(entry: IndexEntry, filter: SessionFilter): boolean {
    const {backend, before, directory, resumable, run, since, status, tags = []} = filter
    return (
      (backend === undefined || entry.backend === backend) &&
      (directory === undefined || entry.dir === directory) &&
      (!resumable || entry.resumable) &&
      (run === undefined || entry.run?.startsWith(run) === true) &&
      (since === undefined || entry.used >= since.getTime()) &&
      (before === undefined || entry.used < before.getTime()) &&
      tags.every((tag) => entry.tags?.includes(tag)) &&
      (status === undefined || this.#statesOf(entry).includes(status))
    )
  }

  #statesOf(entry: IndexEntry): readonly (Status | 'running')[] {
    if (!entry.running) return [entry.status]
    return this.#read([entry.id]).flatMap((session) =>
      isRunning(session) ? [statusOf(session), 'running'] : [statusOf(session)],
    )
  }

  #listed(
    entries: readonly IndexEntry[],
    foreign: readonly string[],
    sums: {total: number; tokens: Tokens},
  ): SessionList {
    const sessions: SessionFile[] = []
    const leftAlone: string[] = []
    for (const id of [...foreign, ...entries.map((entry) => entry.id)]) {
      const found = this.#files.read(id)
      if (typeof found === 'string') leftAlone.push(this.#leftAlone(id, found))
      else if (found) sessions.push(found)
    }

    return {sessions, leftAlone, ...sums}
  }

  #leftAlone(id: string, why: Unreadable): string {
    return `${this.#files.path(id)} ${WHY[why]}; it is left as it is.`
  }
}

export interface SessionFilter {
  readonly backend?: string | undefined
  /** A real path. */
  readonly directory?: string | undefined
  readonly resumable?: boolean | undefined
  /** Used since then. */
  readonly since?: Date | undefined
  /** Last used before then. */
  readonly before?: Date | undefined
  readonly status?: Status | 'running' | undefined
  /** All of them. */
  readonly tags?: readonly string[] | undefined
  /** The beginning of the id of a run. */
  readonly run?: string | undefined
}

export interface ListOptions {
  readonly limit?: number
  readonly sort?: SortKey
}

export const SORT_KEYS = ['used', 'created', 'tokens', 'backend'] as const
export type SortKey = (typeof SORT_KEYS)[number]

export interface SessionList {
  readonly sessions: SessionFile[]
  /** How many fit, before the limit. */
  readonly total: number
  /** Of all that fit; absent where none are to be shown. */
  readonly tokens?: Tokens | undefined
  /** A sentence about each file that is no session, or not one of this version. */
  readonly leftAlone: readonly string[]
}

/** What a session was before a change. */
interface Before {
  readonly name: string | undefined
  readonly tokens: Tokens | undefined
}

export function newSessionId(): string {
  return randomHex()
}

function isAll({resumable, tags, ...others}: SessionFilter): boolean {
  return !resumable && !tags?.length && Object.values(others).every((wish) => wish === undefined)
}

function byLastUse(a: SessionFile, b: SessionFile): number {
  return Date.parse(b.last_used) - Date.parse(a.last_used) || (a.id < b.id ? -1 : 1)
}

const ORDERS: Record<SortKey, (a: IndexEntry, b: IndexEntry) => number> = {
  used: newestFirst,
  created: (a, b) => b.created - a.created || newestFirst(a, b),
  tokens: (a, b) => totalOf(b) - totalOf(a) || newestFirst(a, b),
  backend: (a, b) => (a.backend < b.backend ? -1 : a.backend > b.backend ? 1 : newestFirst(a, b)),
}

const WHY: Record<Unreadable, string> = {
  unreadable: 'is no session file',
  newer: 'was written by a later version of clinvk',
  inaccessible: 'cannot be read',
}

function totalOf({tokens}: IndexEntry): number {
  return tokens ? tokens[0] + tokens[1] : 0
}
