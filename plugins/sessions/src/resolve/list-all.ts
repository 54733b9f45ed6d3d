import type {Config} from '@oclif/core'
import {matches, ORDERS, type SessionFilter, type SortKey} from '../store/filter.js'
import {indexEntry} from '../store/index-entry.js'
import type {SessionList, SessionStore} from '../store/store.js'
import {agentConversations, asSession, withAgentsId} from './agent-conversations.js'

/**
 * The list with the conversations that agents had without clinvk, under the agents' own ids. They have no tags, no
 * state and no run, so a filter by these leaves them out.
 */
export async function listAll(
  store: SessionStore,
  filter: SessionFilter,
  {limit, sort}: {readonly limit: number; readonly sort?: SortKey},
  config: Config,
): Promise<SessionList> {
  const {status, tags = []} = filter
  const all = status !== undefined || tags.length > 0 ? [] : await agentConversations(config, {})
  const list = store.list(filter, {limit, sort})
  const foreign = all
    .map(asSession)
    .filter((session) => !store.get(session.id) && matches(indexEntry(session, ''), filter, () => []))
    .map(withAgentsId)
  const order = ORDERS[sort ?? 'used']
  const entries = new Map([...list.sessions, ...foreign].map((session) => [session, indexEntry(session, '')]))
  const sessions = [...entries.keys()].sort((a, b) => order(entries.get(a)!, entries.get(b)!))
  return {
    ...list,
    sessions: limit === 0 ? sessions : sessions.slice(0, limit),
    total: list.total + foreign.length,
  }
}
