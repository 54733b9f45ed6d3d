import type {SessionFile} from './session-file.js'
import {isResumable, isRunning, statusOf, type Status} from './status.js'

/** A session for scripts: the names of its file, and what follows from them. Times in UTC. */
export type SessionJson = Omit<SessionFile, 'running' | 'backend_state' | 'status'> & {
  status: Status
  /** A turn of it runs now. */
  running: boolean
  /** The agent can be asked to go on. */
  resumable: boolean
  /** Input and output; absent when nothing is known. */
  total_tokens?: number
}

export function sessionJson(session: SessionFile): SessionJson {
  const {backend_state, running, status, ...shown} = session
  const total = totalTokens(session)
  return {
    ...shown,
    status: statusOf(session),
    running: isRunning(session),
    resumable: isResumable(session),
    ...(total === undefined ? {} : {total_tokens: total}),
  }
}

/** Input and output of all turns; the cached part stands in the input already. The reference program's zeros are unknown. */
export function totalTokens({token_usage: usage}: SessionFile): number | undefined {
  const {input_tokens: input, output_tokens: output} = usage ?? {}
  return input || output ? (input ?? 0) + (output ?? 0) : undefined
}
