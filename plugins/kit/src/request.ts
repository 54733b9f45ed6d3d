import type {ApprovalMode, SandboxMode} from 'clinvk-contract'

/** What a user asked for: flags as plain data, nothing resolved yet. Absent means not given. */
export interface TurnRequest {
  readonly prompt: string
  readonly session: SessionRequest
  readonly backend?: string
  readonly model?: string
  /** As typed; relative to the current directory. */
  readonly workdir?: string
  readonly approval?: ApprovalMode
  readonly sandbox?: SandboxMode
  readonly systemPrompt?: string
  readonly maxTurns?: number
  /** The most tokens of the turn, in and out. */
  readonly maxTokens?: number
  readonly allowedTools: readonly string[]
  readonly addDirs: readonly string[]
  readonly extra: readonly string[]
  /** Milliseconds; the whole turn. */
  readonly timeout?: number
  /** Milliseconds without a sign of life from the agent. */
  readonly idleTimeout?: number
  readonly dryRun?: boolean
  /** Say what is run, and pass on the agent's standard error. */
  readonly verbose?: boolean
}

export type SessionRequest =
  /** A new session, unless `session.auto_resume` continues the directory's last one; `fresh` says never. */
  | {
      readonly kind: 'new'
      readonly fresh: boolean
      readonly name?: string
      readonly tags: readonly string[]
      readonly task?: TaskOfRun
    }
  /** The most recent session that can be resumed. */
  | {readonly kind: 'continue'; readonly tags: readonly string[]}
  /** One session: id, name, unique prefix or `@last`. */
  | {readonly kind: 'named'; readonly reference: string; readonly tags: readonly string[]}
  /** Nothing is kept, here or in the agent. */
  | {readonly kind: 'ephemeral'}

/** What a session is for, where it is one of the many of `parallel`, `chain` or `compare`. */
export interface TaskOfRun {
  /** Groups the sessions of one command: 32 hexadecimal digits. */
  readonly run: string
  /** Its place in the run, from 1 on. */
  readonly number: number
  /** As the user named it. */
  readonly name?: string
  /** The user's own data about it. */
  readonly meta?: Readonly<Record<string, string>>
}
