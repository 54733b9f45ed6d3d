import type {SessionFile} from '../store/session-file.js'
import {totalTokens, usageOf} from '../store/usage.js'
import {isResumable, isRunning, type Status, statusOf} from '../store/status.js'
import type {SessionList} from '../store/store.js'

/** A session for scripts: the fields of its file, and what is derived from them. Times in UTC. */
export type SessionJson = Omit<SessionFile, 'running' | 'backend_state' | 'status'> & {
  status: Status
  /** A turn of it runs now. */
  running: boolean
  /** The agent can continue it. */
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
    total_tokens: total,
  }
}

/** Sessions for scripts. `total` and the tokens are of all that match, before the limit. */
export function listJson({sessions, tokens, total}: SessionList): object {
  return {
    sessions: sessions.map((session) => sessionJson(session)),
    total,
    ...(tokens?.some(Boolean) && {token_usage: usageOf(tokens), total_tokens: tokens[0] + tokens[1]}),
  }
}

/** For `session.store_token_usage: false`: usage that was stored before is not shown either. */
export function withoutUsage(session: SessionFile): SessionFile {
  const {token_usage, ...rest} = session
  return rest
}
