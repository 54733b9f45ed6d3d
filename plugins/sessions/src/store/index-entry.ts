import {realPathOf} from 'clinvk-kit/files/read-file'
import type {SessionFile} from './session-file.js'
import {isResumable, statusOf, type Status} from './status.js'
import {type Tokens, tokensOf} from './usage.js'

/** What the index has of a session: enough to find it, to sort and to add up. What is shown comes from its file. */
export interface IndexEntry {
  readonly id: string
  /** Differs for every content that the file has had. */
  readonly stamp: string
  /** Last use and creation, in milliseconds since 1970. */
  readonly used: number
  readonly created: number
  readonly backend: string
  /** Where `running` is set, it depends on whether that process is alive. */
  readonly status: Status
  readonly running?: boolean
  readonly resumable: boolean
  /** The real path of the working directory. */
  readonly dir?: string
  readonly name?: string
  readonly tags?: readonly string[]
  readonly tokens?: Tokens
  /** The id of the run that it belongs to. */
  readonly run?: string
  /** Of a fork: the session that it was forked from. */
  readonly parent?: string
}

/** `realPaths` remembers those of directories that were looked up before. */
export function indexEntry(
  session: SessionFile,
  stamp: string,
  realPaths = new Map<string, string>(),
): IndexEntry {
  const {backend, forked_at, id, name, parent_id, run, running, tags, working_dir: dir} = session
  if (dir && !realPaths.has(dir)) realPaths.set(dir, realPathOf(dir))
  return {
    id,
    stamp,
    used: Date.parse(session.last_used),
    created: Date.parse(session.created_at),
    backend,
    status: running ? 'active' : statusOf(session),
    running: running && true,
    resumable: isResumable(session),
    dir: realPaths.get(dir),
    name,
    tags: tags?.length ? tags : undefined,
    tokens: tokensOf(session),
    run: run?.id,
    parent: forked_at === undefined ? undefined : parent_id,
  }
}

/** The last used first; by id where several were used at the same time. */
export function newestFirst(a: IndexEntry, b: IndexEntry): number {
  return b.used - a.used || (a.id < b.id ? -1 : 1)
}
