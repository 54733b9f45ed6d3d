import type {DataCall} from './sessions.js'

/** What the plugin that reads conversations answers to the hook `history` (`docs/plugins/kit.md`). All throw a Failure. */
export interface History {
  readonly version: 1
  /**
   * Messages of a conversation, as `clinvk sessions log --json` prints them, and where they stand in it. Only those that
   * are asked for are in memory. References are those of `Sessions`.
   */
  log(reference: string, part?: LogPart, call?: StoppableCall): Promise<LogData>
  /** As `clinvk search --json` prints it. */
  search(query: SearchQuery, call?: StoppableCall): Promise<SearchData>
  /** As `clinvk usage --json` prints it. */
  usage(query?: UsageQuery, call?: StoppableCall): Promise<UsageData>
}

/** Where it is stopped, the function throws a Failure of kind `cancelled`. */
export interface StoppableCall extends DataCall {
  readonly stop?: AbortSignal
}

/** Default: from the beginning. One of `from`, `turn` and `last` at most. */
export interface LogPart {
  /** The first message, counted from 0. */
  readonly from?: number
  /** The first turn, counted from 1. */
  readonly turn?: number
  /** Only the last turns. */
  readonly last?: number
  /**
   * Messages; default 1000. Fewer are given where they are very long; of the last turns the last ones are given.
   */
  readonly limit?: number
}

/** Fields as in `docs/reference/json.md`. */
export interface LogData {
  readonly session: Readonly<Record<string, unknown>>
  readonly messages: readonly Readonly<Record<string, unknown>>[]
  /** Those that the messages belong to. */
  readonly turns: readonly Readonly<Record<string, unknown>>[]
  /** The place of the first of these messages in the conversation, from 0. */
  readonly from: number
  /** The place of the message after these; absent where there is none. */
  readonly next?: number
  /** Messages of the conversation; absent where it takes too long to count them. */
  readonly total?: number
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

export interface SearchData {
  readonly hits: readonly Readonly<Record<string, unknown>>[]
  readonly total: number
  readonly [field: string]: unknown
}

export interface UsageQuery {
  /** What a row is for; default `day`. */
  readonly by?: 'day' | 'backend' | 'model' | 'directory' | 'tag' | 'session'
  readonly backend?: string
  /** Default: 30 days ago. */
  readonly since?: Date
}

export interface UsageData {
  readonly rows: readonly Readonly<Record<string, unknown>>[]
  readonly total: Readonly<Record<string, unknown>>
}
