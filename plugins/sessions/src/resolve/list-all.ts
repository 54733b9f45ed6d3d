import type {Config} from '@oclif/core'
import {indexEntry, matches, ORDERS, type SessionFilter} from '../store/index-entry.js'
import type {ListOptions, SessionList, SessionStore} from '../store/store.js'
import {agentConversations, asSession, withAgentsId} from './agent-conversations.js'

/**
 * The list with the conversations that agents had without clinvk, under the agents' own ids. They have no tags, no
 * state and no run, so a filter by these leaves them out.
 */
export async function listAll(
  store: SessionStore,
  filter: SessionFilter,
  {limit = 0, offset = 0, sort = 'used'}: ListOptions,
  config: Config,
): Promise<SessionList> {
  const {status, tags = []} = filter
  const all = status !== undefined || tags.length > 0 ? [] : await agentConversations(config, {})
  const list = store.list(filter, {limit: limit === 0 ? 0 : offset + limit, sort})
  const foreign = all
    .map(asSession)
    .filter((session) => !store.get(session.id) && matches(indexEntry(session, ''), filter))
    .map(withAgentsId)
  const order = ORDERS[sort]
  const entries = new Map([...list.sessions, ...foreign].map((session) => [session, indexEntry(session, '')]))
  const sessions = [...entries.keys()].sort((a, b) => order(entries.get(a)!, entries.get(b)!))
  return {
    ...list,
    sessions: sessions.slice(offset, limit === 0 ? undefined : offset + limit),
    total: list.total + foreign.length,
  }
}
