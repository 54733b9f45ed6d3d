import type {ApprovalMode, SandboxMode} from './contract.js'

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
  readonly allowedTools: readonly string[]
  readonly addDirs: readonly string[]
  readonly extra: readonly string[]
  /** Milliseconds; the whole turn. */
  readonly timeout?: number
  /** Milliseconds without a sign of life from the agent. */
  readonly idleTimeout?: number
  readonly dryRun?: boolean
}

export type SessionRequest =
  /** A new session, unless `session.auto_resume` continues the directory's last one; `fresh` says never. */
  | {readonly kind: 'new'; readonly fresh: boolean; readonly name?: string; readonly tags: readonly string[]}
  /** The most recent session that can be resumed. */
  | {readonly kind: 'continue'; readonly tags: readonly string[]}
  /** One session: id, name, unique prefix or `@last`. */
  | {readonly kind: 'named'; readonly reference: string; readonly tags: readonly string[]}
  /** Nothing is kept, here or in the agent. */
  | {readonly kind: 'ephemeral'}
