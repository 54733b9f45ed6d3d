/** What the plugin that reads conversations answers to the hook `history` (`docs/plugins/kit.md`). All throw a Failure. */
export interface History {
  readonly version: 1
  /** A conversation as `clinvk sessions log --json` prints it. */
  log(reference: string, options?: {readonly last?: number}): Promise<LogData>
  /** As `clinvk search --json` prints it. */
  search(query: SearchQuery, stop?: AbortSignal): Promise<Readonly<Record<string, unknown>>>
  /** As `clinvk usage --json` prints it. */
  usage(query?: UsageQuery): Promise<Readonly<Record<string, unknown>>>
}

/** Fields as in `docs/reference/json.md`. */
export interface LogData {
  readonly messages: readonly Readonly<Record<string, unknown>>[]
  readonly [field: string]: unknown
}

export interface SearchQuery {
  /** All must be in a message. */
  readonly words: readonly string[]
  readonly backend?: string
  /** Absolute. */
  readonly directory?: string
  readonly since?: Date
  /** Sessions with all of these tags. */
  readonly tags?: readonly string[]
  /** Only what tools were asked and answered. */
  readonly tool?: boolean
  /** Messages; default 20. */
  readonly limit?: number
}

export interface UsageQuery {
  readonly by?: string
  readonly backend?: string
  readonly since?: Date
}
