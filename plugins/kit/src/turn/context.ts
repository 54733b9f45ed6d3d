import type {TurnEvent} from 'clinvk-contract'
import type {BackendEntry} from '../backends/discover.js'
import type {Settings} from '../settings/settings.js'
import type {TurnHooks} from './hooks.js'
import type {TurnResult} from './result.js'

/** What a turn needs from the outside: everything that it may not look up by itself. */
export interface TurnContext {
  /** Where the user stands (absolute). */
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly settings: Settings
  /** The same for a session that goes on in another directory, whose project may be stricter. */
  settingsIn(directory: string): Promise<Settings>
  readonly backends: ReadonlyMap<string, BackendEntry>
  readonly hooks: TurnHooks
  readonly output: TurnOutput
}

/** Where a turn's events and result go. What `event` and `raw` return is waited for, so a slow reader slows the agent. */
export interface TurnOutput {
  /** Whether the result must hold the whole answer; without it a long answer takes no memory. */
  readonly needsContent: boolean
  /** Just before the agent starts. */
  start(turn: {backend: string; sessionId?: string}): void
  event(event: TurnEvent): void | Promise<void>
  /** A line of the agent's standard output as it is. Present: the user asked for these instead of events. */
  raw?(line: string): void | Promise<void>
  /** For the user, apart from the answer. */
  notice(message: string): void
  /** Exactly once, after the last event. */
  done(result: TurnResult): void | Promise<void>
}
