import {type IndexEntry, newestFirst} from './index-entry.js'
import type {Status} from './status.js'

export interface SessionFilter {
  readonly backend?: string
  /** A real path. */
  readonly directory?: string
  readonly resumable?: boolean
  /** Used at or after this time. */
  readonly since?: Date
  /** Last used before this time. */
  readonly before?: Date
  readonly status?: Status | 'running'
  /** All of them. */
  readonly tags?: readonly string[]
  /** The beginning of the id of a run. */
  readonly run?: string
}

/** Whether an entry passes the filter. `statesOf` is asked only where the filter has a status. */
export function matches(
  entry: IndexEntry,
  {backend, before, directory, resumable, run, since, status, tags = []}: SessionFilter,
  statesOf: (entry: IndexEntry) => readonly string[],
): boolean {
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
