import type {Config} from '@oclif/core'
import type {Json} from 'clinvk-contract'
import type {TurnResult} from '../turn/result.js'
import {runHook} from './run-hook.js'

/**
 * Asked by who continues a run whose clinvk was killed: what has become of the turn of a task. `session:recover` is
 * answered by the plugin that keeps sessions, which ends an agent that has outlived its clinvk; `history:answer` by the
 * one that reads what agents have recorded.
 */
export interface RecoverQuestion {
  /** Where it is known; else that of the task is looked for. */
  readonly session?: string
  readonly run: string
  readonly task: number
}

export interface RecoveredTurn {
  readonly sessionId: string
  readonly backend: string
  /** Absolute. */
  readonly workingDir: string
  readonly backendSessionId?: string
  readonly state?: Json
  /**
   * Set while it is not known whether the agent has recorded the first prompt: `kept`, so that it is sent again where the
   * agent has not; `lost`, so that it has to be sent by who asks.
   */
  readonly firstPrompt?: 'kept' | 'lost'
  /** Its agent still ran, and was ended: what it has recorded since is no answer. */
  readonly wasRunning: boolean
  /** How the last turn of the session ended, where that was still written down. */
  readonly result?: TurnResult
}

export interface AnswerQuestion {
  readonly backend: string
  readonly conversation: {readonly id: string; readonly cwd: string; readonly state?: Json}
  /** When the turn was started: an earlier prompt is another one. */
  readonly since: string
}

/** What an agent has recorded of the last prompt of a conversation. */
export interface RecordedAnswer {
  /** Whole; absent where the turn did not come to its end. */
  readonly content?: string
  readonly model?: string
}

/** Undefined where there is no session, or nothing keeps sessions. Throws what the plugin throws. */
export async function recoverTurn(
  config: Config,
  question: RecoverQuestion,
): Promise<RecoveredTurn | undefined> {
  const {answers, failures} = await runHook<RecoveredTurn>(config, 'session:recover', question, RECOVER_MS)
  const [failure] = failures
  if (failure) throw failure.error instanceof Error ? failure.error : new Error(failure.message)
  return answers[0]?.answer
}

/** Undefined where the agent has not recorded the prompt, or nothing reads records. */
export async function recordedAnswer(
  config: Config,
  question: AnswerQuestion,
): Promise<RecordedAnswer | undefined> {
  const {answers} = await runHook<RecordedAnswer>(config, 'history:answer', question, RECOVER_MS)
  return answers[0]?.answer
}

/** To end an agent takes seconds. */
const RECOVER_MS = 30_000
