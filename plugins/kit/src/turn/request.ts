import type {PromptFlags} from '../flags.js'
import type {TurnOptions} from './options.js'

/** One prompt as it was typed. */
export interface PromptCall {
  /** The prompt, or `-` for standard input; absent where `--file` names it. */
  readonly argument?: string
  readonly flags: PromptFlags
}

/** What a user asked for, as plain data; nothing is resolved yet. */
export type TurnRequest = TurnOptions & {
  readonly prompt: string
  readonly session: SessionRequest
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
