/**
 * What the plugin that keeps sessions answers to the hook `sessions` (`docs/plugins/kit.md`). References are ids, unique
 * beginnings of them, names, `@last`, and ids of an agent. All throw a Failure of kind `session` where there is none.
 * None of them blocks the event loop while another process holds the store.
 */
export interface Sessions {
  readonly version: 1
  /** As `clinvk sessions list --json` prints them, the last used first. */
  list(filter?: SessionFilter): Promise<{readonly sessions: readonly SessionData[]; readonly total: number}>
  /** As `clinvk sessions show --json` prints it. */
  show(reference: string): Promise<SessionData>
  rename(reference: string, name: string): Promise<SessionData>
  tag(
    reference: string,
    change: {readonly add?: readonly string[]; readonly remove?: readonly string[]},
  ): Promise<SessionData>
  close(reference: string): Promise<SessionData>
  reopen(reference: string): Promise<SessionData>
  /** `agent`: also what the agent has recorded. Resolves to what `clinvk sessions delete --json` prints. */
  delete(reference: string, options?: {readonly agent?: boolean}): Promise<Readonly<Record<string, unknown>>>
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
  readonly limit?: number
  /** How many to leave out at the beginning. */
  readonly offset?: number
}

/** Fields as in `docs/reference/json.md`; these are always there. */
export interface SessionData {
  readonly id: string
  readonly backend: string
  readonly working_dir: string
  readonly running: boolean
  readonly [field: string]: unknown
}
