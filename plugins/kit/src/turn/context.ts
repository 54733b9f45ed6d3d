import type {TurnEvent, Json} from 'clinvk-contract'
import type {BackendEntry} from '../backends/discover.js'
import type {TurnResult} from './result.js'
import type {ProcessIdentity} from '../process/identity.js'
import type {Env} from '../io.js'
import type {TurnOptions, TurnRequest} from './request.js'
import type {Settings} from '../settings/settings.js'

/** What a turn needs from the outside: everything that it may not look up by itself. */
export interface TurnContext {
  /** Where the user stands (absolute). */
  readonly cwd: string
  readonly env: Env
  readonly settings: Settings
  /** Those of another directory, where a session is continued: its project may be stricter. */
  settingsIn(directory: string): Promise<Settings>
  readonly backends: ReadonlyMap<string, BackendEntry>
  readonly hooks: TurnHooks
  readonly output: TurnOutput
}

/** Where a turn's events and result go. What `event` and `raw` return is waited for, so a slow reader slows the agent. */
export interface TurnOutput {
  /** Whether the result must hold the whole answer; without it a long answer takes no memory. */
  readonly needsContent: boolean
  /**
   * Just before the agent starts; again where another turn follows in the place of one that a limit has stopped. A
   * Failure that it throws ends the turn, and no agent starts. `number`: of the turn in its session, from 1 on; absent where
   * the session cannot be written.
   */
  start(turn: {backend: string; sessionId?: string; number?: number}): void
  event(event: TurnEvent): void | Promise<void>
  /** A line of the agent's standard output as it is. Present: the user asked for these instead of events. */
  raw?(line: string): void | Promise<void>
  /** Each event, also with `raw`. Not waited for. */
  watch?(event: TurnEvent): void
  /** Nothing runs before this time (milliseconds since 1970), because of a limit; undefined: the wait is over. */
  waiting?(until: number | undefined): void
  notice(message: string): void
  /** Exactly once, after the last event. */
  done(result: TurnResult): void | Promise<void>
}

/** The hooks that plugins answer, and the events that they get (`docs/plugins/events.md`). */
export interface TurnHooks {
  /** Gives the session of this turn; answered by one plugin, undefined when none does. Writes nothing yet. Throws a Failure. */
  session(question: SessionQuestion): Promise<TurnSessionRecord | undefined>
  /** The first refusal, or undefined: every guard lets the turn pass. */
  guard(question: GuardQuestion): Promise<{readonly plugin: string; readonly message: string} | undefined>
  /**
   * Gives an agent a conversation back that it has lost, where a plugin has kept it. A sentence about that; undefined
   * where nothing was restored.
   */
  restore(conversation: {backend: string; id: string}): Promise<string | undefined>
  /** What is carried of a conversation into a new one; undefined where no plugin reads conversations. Throws a Failure. */
  handOff(question: HandOffQuestion): Promise<HandOff | undefined>
  /** A plugin that fails or hangs on an event does not end the turn. */
  emit(event: TurnStart | TurnEnd | SessionChanged): Promise<void>
}

export interface SessionQuestion {
  readonly request: TurnRequest
  readonly settings: Settings
  /** Where the user stands (absolute). */
  readonly cwd: string
  readonly env: Env
}

/** The session that a turn belongs to, and what writes it. */
export interface TurnSessionRecord {
  readonly id: string
  /** The number of this turn in it, from 1 on. */
  readonly turn?: number
  /** Set when a conversation is continued, by its backend and in its directory. */
  readonly continues?: {
    readonly backend: string
    readonly workingDir: string
    /** Absent where the agent has not told it, or has recorded nothing. */
    readonly backendSessionId?: string
    readonly state?: Json
    /** Set while it is not known whether the agent has recorded its first prompt. */
    readonly unconfirmed?: UnconfirmedPrompt
    /** Set where the agent copies the conversation first, and continues the copy. */
    readonly isFork?: boolean
  }
  /** Set for a new session on a copy of a conversation. */
  readonly forks?: ForkedConversation
  readonly notices: readonly string[]
  /** First write, just before the spawn. Throws a Failure of kind `session` when another turn holds the session. */
  begin(start: {
    backend: string
    workingDir: string
    model?: string
    prompt: string
    /** Of the prompt; paths are absolute. */
    options: TurnOptions
    /** Whether the agent gets a conversation that is new to it. */
    isNew: boolean
    /** What the agent will know it by, where that is known before. */
    conversation?: {readonly id: string; readonly state?: Json}
    /** For what goes wrong and does not end the turn. */
    notice: (message: string) => void
  }): Promise<void>
  /** Each event of the turn, in order. Not waited for. */
  event?(event: TurnEvent): void
  /** Saved at once: the agent's process, its own session id, the backend's state. */
  update(change: {
    agent?: ProcessIdentity
    backendSessionId?: string
    model?: string
    state?: Json
    hasRunTools?: true
  }): Promise<void>
  /** `isConfirmed`: the agent has recorded the conversation. */
  finish(result: TurnResult, isConfirmed: boolean): Promise<void>
  /** The turn is over, also where it has not begun or clinvk has failed in it. Never rejects. */
  end?(): Promise<void>
}

/** The conversation of another session, which a new one continues. */
export interface ForkedConversation {
  readonly sessionId: string
  readonly backend: string
  readonly workingDir: string
  readonly backendSessionId?: string
  readonly state?: Json
  readonly model?: string
  /** The turn after which the new one continues apart, from 1 on; absent: the last one. */
  readonly at?: number
}

export interface HandOffQuestion {
  readonly from: ForkedConversation
  /** Who is to continue the conversation. */
  readonly backend: string
  /** As the agent names it; absent: its own default. */
  readonly model?: string
  /** Whether the agent's record is to be copied as it is. */
  readonly isCopy: boolean
  /** Bytes of UTF-8 that fit in front of the prompt, where the agent cannot be given a record. */
  readonly promptRoom: number
}

/** What is carried of a conversation into a new one; nothing is written yet. */
export interface HandOff {
  /** What the agent will know it by. Absent: `text` stands in front of the first prompt. */
  readonly conversation?: {readonly id: string; readonly state?: Json}
  readonly text?: string
  /** What was carried and what was left out, a sentence for the user once it is written. */
  readonly notice?: string
  /** The same before it is written, for a dry run. */
  readonly preview?: string
  readonly about: HandOffAbout
  /** Writes the record and reads it back. Throws a Failure, and leaves nothing. */
  write(): Promise<void>
  /** Removes it again, where the agent refuses it. */
  remove(): Promise<void>
}

/** As a dry run prints it in JSON. */
export interface HandOffAbout {
  readonly from: string
  readonly to: string
  /** The file that is written, where there is one. */
  readonly path?: string
  /** Prompts and answers. */
  readonly messages: number
  readonly carried: number
  /** Of those that are carried, about; absent where a record is copied as it is. */
  readonly tokens?: number
}

/** The whole first prompt of a session, to start it again. */
export interface UnconfirmedPrompt {
  readonly prompt: string
  readonly options: TurnOptions
  /** Then it does not start again by itself. */
  readonly hasRunTools: boolean
}

export interface GuardQuestion {
  readonly prompt: string
  /** Replaces the agent's own. */
  readonly systemPrompt?: string
  readonly backend: string
  readonly model?: string
  /** Absolute, links resolved. */
  readonly workingDir: string
  /** Further directories that the agent may use, absolute. */
  readonly addDirs: readonly string[]
  readonly approval: 'default' | 'auto' | 'none' | 'always'
  readonly sandbox: 'default' | 'read-only' | 'workspace' | 'full'
  readonly allowedTools: readonly string[]
  /** Arguments that reach the agent as they are: they may say what `approval` and `sandbox` do not. */
  readonly extra: readonly string[]
  /** Absent when the turn is ephemeral, or nothing keeps sessions. */
  readonly sessionId?: string
}

export interface TurnStart {
  readonly event: 'turn:start'
  /** Absent when the turn is ephemeral, or nothing keeps sessions. */
  readonly sessionId?: string
  readonly backend: string
  readonly workingDir: string
  readonly prompt: string
}

/** Something has happened to a session; it is already written. */
export interface SessionChanged extends SessionAbout {
  readonly event: 'session:created' | 'session:resumed' | 'session:closed' | 'session:deleted'
}

export interface SessionAbout {
  /** For `clinvk sessions show ID --json`, but where it was deleted. */
  readonly sessionId: string
  /** The agent's own id of the conversation, once it has told it. */
  readonly backendSessionId?: string
  readonly backend: string
  readonly workingDir: string
}

export interface TurnEnd {
  readonly event: 'turn:end'
  /** Without its content when the output did not need it. */
  readonly result: TurnResult
}
