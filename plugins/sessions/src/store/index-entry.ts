import {realPathOf} from 'clinvk-kit/files/read-file'
import type {SessionFilter as AskedFilter} from 'clinvk-kit/for-plugins/sessions'
import type {SessionFile} from './session-file.js'
import {isResumable, isRunning, statusOf} from './status.js'
import {tokensOf} from './usage.js'

export type IndexEntry = Readonly<ReturnType<typeof indexEntry>>

/**
 * What the index has of a session: enough to find it, to sort and to add up. What is shown comes from its file. `stamp`
 * differs for every content that the file has had; `realPaths` remembers directories that were looked up before.
 */
export function indexEntry(session: SessionFile, stamp: string, realPaths = new Map<string, string>()) {
  const {backend, forked_at, id, name, parent_id, run, running, tags, working_dir: path} = session
  if (path && !realPaths.has(path)) realPaths.set(path, realPathOf(path))
  return {
    id,
    stamp,
    /** Last use and creation, in milliseconds since 1970. */
    used: Date.parse(session.last_used),
    created: Date.parse(session.created_at),
    backend,
    /** Where `running` is set, it depends on whether that process is alive. */
    status: running ? 'active' : statusOf(session),
    running,
    resumable: isResumable(session),
    /** The real path of the working directory. */
    dir: realPaths.get(path),
    name,
    tags: tags?.length ? tags : undefined,
    tokens: tokensOf(session),
    run: run?.id,
    /** Of a fork: the session that it was forked from. */
    parent: forked_at === undefined ? undefined : parent_id,
  }
}

/** The directory is a real path. */
export interface SessionFilter extends Omit<AskedFilter, keyof Page> {
  readonly resumable?: boolean
  /** Last used before this time. */
  readonly before?: Date
}

/** How many, where 0 is all, and how many are left out before them. */
export type Page = Pick<AskedFilter, 'limit' | 'offset'>

export function matches(entry: IndexEntry, filter: SessionFilter): boolean {
  const {backend, before, directory, resumable, run, since, status, tags = []} = filter
  return (
    (backend === undefined || entry.backend === backend) &&
    (directory === undefined || entry.dir === directory) &&
    (!resumable || entry.resumable) &&
    (run === undefined || entry.run?.startsWith(run) === true) &&
    (since === undefined || entry.used >= since.getTime()) &&
    (before === undefined || entry.used < before.getTime()) &&
    tags.every((tag) => entry.tags?.includes(tag)) &&
    (status === undefined || statesOf(entry).includes(status))
  )
}

function statesOf({running, status}: IndexEntry): string[] {
  if (!running) return [status]
  return isRunning({running}) ? ['active', 'running'] : ['paused']
}

/** The last used first; by id where several were used at the same time. */
export function newestFirst(a: IndexEntry, b: IndexEntry): number {
  return b.used - a.used || (a.id < b.id ? -1 : 1)
}

export const SORT_KEYS = ['used', 'created', 'tokens', 'backend'] as const
export type SortKey = (typeof SORT_KEYS)[number]

export const ORDERS: Record<SortKey, (a: IndexEntry, b: IndexEntry) => number> = {
  used: newestFirst,
  created: (a, b) => b.created - a.created || newestFirst(a, b),
  tokens: (a, b) => totalOf(b) - totalOf(a) || newestFirst(a, b),
  backend: (a, b) => (a.backend < b.backend ? -1 : a.backend > b.backend ? 1 : newestFirst(a, b)),
}

function totalOf({tokens}: IndexEntry): number {
  return tokens ? tokens[0] + tokens[1] : 0
}
