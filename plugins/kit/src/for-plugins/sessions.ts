/**
 * What the plugin that keeps sessions answers to the hook `sessions` (`docs/plugins/kit.md`). References are ids, unique
 * beginnings of them, names, `@last`, and ids of an agent. All throw a Failure, of kind `session` where there is none.
 * None of them blocks the event loop while another process holds the store.
 */
export interface Sessions {
  readonly version: 1
  /** As `clinvk sessions list --json` prints them, the last used first; `total` is without limit and offset. */
  list(filter?: SessionFilter, call?: DataCall): Promise<SessionPage>
  /**
   * As `clinvk sessions show --json` prints it; `cost`: with what its model calls are worth; `brief`: without what is
   * read from its transcript, which takes longer the longer the conversation is.
   */
  show(reference: string, options?: ShowOptions, call?: DataCall): Promise<ShownData>
  /** An empty name removes it. A conversation that an agent had without clinvk becomes a session, also by `tag`. */
  rename(reference: string, name: string, call?: DataCall): Promise<SessionData>
  tag(
    reference: string,
    change: {readonly add?: readonly string[]; readonly remove?: readonly string[]},
    call?: DataCall,
  ): Promise<SessionData>
  close(reference: string, call?: DataCall): Promise<SessionData>
  reopen(reference: string, call?: DataCall): Promise<SessionData>
  /** What `clinvk sessions delete --json` prints. */
  delete(reference: string, options?: DeleteOptions, call?: DataCall): Promise<DeletedData>
}

/** What one call of a function that gives data may be told. */
export interface DataCall {
  /** What the user should know besides the answer, a sentence each. Default: a line on standard error. */
  readonly note?: (message: string) => void
}

export interface SessionFilter {
  readonly backend?: string
  readonly status?: 'active' | 'paused' | 'completed' | 'error' | 'running'
  /** Absolute. */
  readonly directory?: string
  /** With all of them. */
  readonly tags?: readonly string[]
  /** Of a run: 4 digits of its id or more. */
  readonly run?: string
  readonly since?: Date
  /** Default: all. */
  readonly limit?: number
  /** How many to leave out at the beginning. */
  readonly offset?: number
}

export interface SessionPage {
  readonly sessions: readonly SessionData[]
  readonly total: number
  readonly [field: string]: unknown
}

/** Fields as in `docs/reference/json.md`; these are always there. */
export interface SessionData {
  readonly id: string
  readonly backend: string
  readonly working_dir: string
  readonly running: boolean
  readonly [field: string]: unknown
}

/** A session, or with `source: "agent"` a conversation that an agent had without clinvk, which has no `id`. */
export interface ShownData {
  readonly id?: string
  readonly backend: string
  readonly working_dir: string
  /** Ids, the last used first. */
  readonly forks: readonly string[]
  readonly [field: string]: unknown
}

export interface ShowOptions {
  readonly cost?: boolean
  readonly brief?: boolean
}

export interface DeleteOptions {
  /** Also what the agent has recorded. */
  readonly agent?: boolean
  /** Also the forks that the agent could not read without that record; else it is a Failure that there are some. */
  readonly withForks?: boolean
}

export interface DeletedData {
  /** Ids. */
  readonly deleted: readonly string[]
  /** Ids of those whose agent had a record. */
  readonly agent_records_deleted?: readonly string[]
}
