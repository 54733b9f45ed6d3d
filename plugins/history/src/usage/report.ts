import {ioOf} from 'clinvk-kit/command'
import type {UsageQuery} from 'clinvk-kit/for-plugins/history'
import type {Env} from 'clinvk-kit/io'
import {loadSettings} from 'clinvk-kit/settings/load'
import {shortId} from 'clinvk-plugin-sessions/store/session-file'
import {SessionStore} from 'clinvk-plugin-sessions/store/store'
import {shortPath, titleOf} from 'clinvk-plugin-sessions/view/labels'
import type {Caller} from '../sync/caller.js'
import {readSources, sourceKey} from '../sync/sources.js'
import {syncNow} from '../sync/sync-now.js'
import {type Group, grouped, type Key} from './group.js'
import {Ledger, type LedgerRow} from './ledger.js'
import {valuer} from './prices.js'
import type {About, Row, Total} from './view.js'

export interface UsageReport {
  readonly rows: readonly Row[]
  readonly total: Total
  /** Models whose price is not known; '' is one without a name. */
  readonly unpriced: readonly string[]
}

/** What agents have used since then, read anew. Throws a Failure. */
export async function reportUsage(
  {backend, by, since}: UsageQuery & {readonly by: Key; readonly since: Date},
  caller: Caller,
): Promise<UsageReport> {
  const {cwd, env} = ioOf(caller.config)
  const {prices, session} = await loadSettings({cwd, env})
  if (session.store_token_usage) await syncNow(caller)
  else caller.note('session.store_token_usage is false: no usage is kept.')
  const store = new SessionStore(env)
  const tags = new Map(by === 'tag' ? store.entries().map((entry) => [entry.id, entry.tags ?? []]) : [])
  const worthOf = await valuer(prices)
  const unpriced = new Set<string>()
  const isWanted = (row: LedgerRow) =>
    Date.parse(row.at) >= since.getTime() && (backend === undefined || row.backend === backend)
  const {groups, total} = grouped(
    session.store_token_usage ? [...new Ledger(env).rows()].filter(isWanted) : [],
    by,
    (row) => {
      const worth = worthOf(row)
      if (worth.unpriced > 0) unpriced.add(row.model ?? '')
      return worth
    },
    (id = '') => tags.get(id) ?? [],
  )
  const aboutOf = by === 'session' ? sessionsOf(store, groups, env) : (group: Group) => aboutKey(group, by)
  return {rows: groups.map((group) => ({...group, ...aboutOf(group)})), total, unpriced: [...unpriced]}
}

/** Sessions that still are there have titles, and so have conversations that were found. */
function sessionsOf(store: SessionStore, groups: readonly Group[], env: Env): (group: Group) => About {
  const ids = groups.flatMap(({key}) => key ?? [])
  const sessions = new Map(store.readAll(ids).map((session) => [session.id, session]))
  const {sources} = readSources(env)
  return ({key, sample: {backend, conversation}}) => {
    const session = sessions.get(key ?? '')
    const source = conversation === undefined ? undefined : sources.get(sourceKey({backend, conversation}))
    const title = session ? titleOf(session) : (source?.about.title ?? source?.prompt)
    const id = key === undefined ? (conversation ?? '') : shortId({id: key})
    const fields = {session: key, backend, backend_session_id: conversation, title}
    return {fields, label: title === undefined ? id : `${id}  ${title}`}
  }
}

function aboutKey({key}: Group, by: Key): About {
  const label = by === 'directory' && key !== undefined ? shortPath(key) : key
  return {fields: {[by]: key}, label: label ?? (by === 'tag' ? '(no tag)' : '(unknown)')}
}
