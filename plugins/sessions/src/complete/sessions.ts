import type {Candidate, CompleteQuestion} from 'clinvk-kit/hooks/complete'
import {relativeTime} from 'clinvk-kit/format/time'
import type {IndexEntry} from '../store/index-entry.js'
import type {SessionFile} from '../store/session-file.js'
import {SessionStore} from '../store/store.js'
import {shortIds, titleOf} from '../view/labels.js'

/** What a session can be called by: `@last`, then ids and names, the last used first. */
export function sessionCandidates({beginning, env, flags, kind}: CompleteQuestion): Candidate[] {
  const store = new SessionStore(env)
  if (beginning.startsWith('@')) return references(store)
  const backend = flags.backend?.at(-1)
  const isFit = FITTING[kind] ?? (() => true)
  const sessions = firstOf(
    store,
    OFFERED,
    (entry) =>
      (entry.id.startsWith(beginning) || entry.name?.startsWith(beginning) === true) &&
      (backend === undefined || entry.backend === backend) &&
      isFit(entry),
  )
  const last =
    beginning === '' && backend === undefined && FITTING_LAST.has(kind) ? references(store).slice(0, 1) : []
  const ids = shortIds(sessions)
  return [...last, ...sessions.flatMap((session, index) => callings(session, ids[index]!, beginning))]
}

/** The last used sessions whose entry is wanted. */
function firstOf(
  store: SessionStore,
  limit: number,
  isWanted: (entry: IndexEntry) => boolean,
): SessionFile[] {
  const ids: string[] = []
  for (const entry of store.entries()) {
    if (isWanted(entry)) ids.push(entry.id)
    if (ids.length === limit) break
  }

  return store.readAll(ids)
}

/** `@last`, and the last session of each backend that has one. */
function references(store: SessionStore): Candidate[] {
  const seen = new Set<string>()
  const sessions = firstOf(store, Infinity, ({backend, resumable}) => {
    if (!resumable || seen.has(backend)) return false
    seen.add(backend)
    return true
  })
  return [
    ...sessions.slice(0, 1).map((session) => ({value: '@last', description: describe(session)})),
    ...sessions.map((session) => ({value: `@last:${session.backend}`, description: describe(session)})),
  ]
}

/** Its id, with more digits where more are typed, and its name. */
function callings(session: SessionFile, shortId: string, beginning: string): Candidate[] {
  const {id, name} = session
  const values = [
    ...(id.startsWith(beginning) ? [beginning.length > shortId.length ? id : shortId] : []),
    ...(name?.startsWith(beginning) ? [name] : []),
  ]
  return values.map((value) => ({value, description: describe(session, value)}))
}

/** What there is to say besides what it is called by. */
function describe(session: SessionFile, calling = ''): string {
  const {backend, id, initial_prompt: prompt, last_used: used, name, title} = session
  const texts = {
    id,
    ...(title === undefined ? {} : {title}),
    ...(prompt === undefined ? {} : {initial_prompt: prompt}),
  }
  const about = titleOf(name === undefined || name === calling ? texts : {...texts, name})
  return `${relativeTime(new Date(used), new Date())}, ${backend}: ${about}`
}

const FITTING: Record<string, ((entry: IndexEntry) => boolean) | undefined> = {
  'session:resumable': ({resumable}) => resumable,
  'session:closed': ({status}) => status === 'completed',
  'session:open': ({status}) => status !== 'completed',
}

/** Where the last one may be meant. */
const FITTING_LAST: ReadonlySet<string> = new Set(['session', 'session:resumable'])

/** As many as one may want to look through. */
const OFFERED = 50
