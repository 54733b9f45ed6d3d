import {isForeign, type SessionFile, TOKEN_FIELDS} from '../store/session-file.js'
import {isResumable, isRunning, statusOf} from '../store/status.js'
import type {SessionList} from '../store/store.js'
import {totalTokens} from '../store/usage.js'

/**
 * A session for scripts: the fields of its file, and what is derived from them. Unknown totals are absent.
 * What an agent had without clinvk has no id and no state.
 */
export function sessionJson(session: SessionFile): object {
  const {backend_state, running, ...shown} = session
  if (isForeign(session)) return {...shown, id: undefined, status: undefined, source: 'agent'}
  return {
    ...shown,
    status: statusOf(session),
    running: isRunning(session),
    resumable: isResumable(session),
    total_tokens: totalTokens(session),
  }
}

/** Sessions for scripts. `total` and the tokens are of all that match, before the limit. */
export function listJson({sessions, tokens, total}: SessionList): object {
  const known = TOKEN_FIELDS.flatMap((field, index) =>
    tokens?.[index] ? [[field, tokens[index]] as const] : [],
  )
  return {
    sessions: sessions.map(sessionJson),
    total,
    ...(known.length > 0 && {token_usage: Object.fromEntries(known), total_tokens: tokens![0] + tokens![1]}),
  }
}

/** For `session.store_token_usage: false`: usage that was stored before is not shown either. */
export function withoutUsage(session: SessionFile): SessionFile {
  return {...session, token_usage: undefined}
}
