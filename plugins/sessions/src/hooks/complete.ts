import type {Candidate, CompleteQuestion} from 'clinvk-kit/hooks/complete'
import {counted} from 'clinvk-kit/format/text'
import {relativeTime} from 'clinvk-kit/format/time'
import type {IndexEntry} from '../store/index-entry.js'
import type {SessionFile} from '../store/session-file.js'
import type {SessionStore} from '../store/store.js'
import {shortIds, titleOf} from '../view/labels.js'

/** Answers `complete`: sessions and tags. The store is loaded only when they are asked for. */
export default async function complete(question: CompleteQuestion): Promise<Candidate[] | undefined> {
  const [subject] = question.kind.split(':')
  if (subject !== 'session' && subject !== 'tag') return undefined
  const store = new (await import('../store/store.js')).SessionStore(question.env)
  return subject === 'session' ? sessionCandidates(question, store) : tagCandidates(question, store)
}

/** What a session can be called by: `@last`, then ids and names, the last used first. */
function sessionCandidates({beginning, flags, kind}: CompleteQuestion, store: SessionStore): Candidate[] {
  if (beginning.startsWith('@')) return lastSessions(store)
  // With `resume` it chooses among sessions; `fork` and `compare` name who continues one.
  const backend = kind === 'session:resumable' ? flags.backend?.at(-1) : undefined
  const isWanted = WANTED[kind] ?? (() => true)
  const isOffered = (entry: IndexEntry) =>
    (entry.id.startsWith(beginning) || entry.name?.startsWith(beginning) === true) &&
    (backend === undefined || entry.backend === backend) &&
    isWanted(entry)
  const sessions = store.find(isOffered, {limit: MAX_OFFERED})
  const hasLast = beginning === '' && backend === undefined && ['session', 'session:resumable'].includes(kind)
  const ids = shortIds(sessions)
  return [
    ...(hasLast ? lastSessions(store).slice(0, 1) : []),
    ...sessions.flatMap((session, index) => callings(session, ids[index]!, beginning)),
  ]
}

/** `@last`, and the last session of each backend that has one. */
function lastSessions(store: SessionStore): Candidate[] {
  const seen = new Set<string>()
  const isFirst = ({backend, resumable}: IndexEntry) => resumable && !seen.has(backend) && !!seen.add(backend)
  const sessions = store.find(isFirst)
  return [
    ...sessions.slice(0, 1).map((session) => ({value: '@last', description: describe(session)})),
    ...sessions.map((session) => ({value: `@last:${session.backend}`, description: describe(session)})),
  ]
}

/** Its id, with more digits where more are typed, and its name. */
function callings(session: SessionFile, shortId: string, beginning: string): Candidate[] {
  const {id, name} = session
  const values = [beginning.length > shortId.length ? id : shortId, name]
  return values.flatMap((value) =>
    value?.startsWith(beginning) ? [{value, description: describe(session, value)}] : [],
  )
}

function describe(session: SessionFile, calling?: string): string {
  const {backend, last_used: used, name} = session
  const title = titleOf({...session, name: name === calling ? undefined : name})
  return `${relativeTime(new Date(used), new Date())}, ${backend}: ${title}`
}

/** The tags that are in use; with `sessions tag ID remove` those of that session, with `add` the others. */
async function tagCandidates({args, kind}: CompleteQuestion, store: SessionStore): Promise<Candidate[]> {
  const [reference = '', action] = kind === 'tag:change' ? args : []
  const own = action === undefined ? [] : await tagsOf(reference, store)
  if (action === 'remove') return own.map((value) => ({value}))
  const counts = new Map<string, number>()
  for (const {tags = []} of store.entries())
    for (const tag of tags) counts.set(tag, (counts.get(tag) ?? 0) + 1)
  return [...counts]
    .filter(([tag]) => !own.includes(tag))
    .sort(([a, many], [b, more]) => more - many || (a < b ? -1 : 1))
    .map(([value, count]) => ({value, description: counted(count, 'session')}))
}

async function tagsOf(reference: string, store: SessionStore): Promise<readonly string[]> {
  const {resolveSession} = await import('../resolve/resolve-session.js')
  try {
    return resolveSession(reference, store).tags ?? []
  } catch {
    return []
  }
}

const WANTED: Record<string, ((entry: IndexEntry) => boolean) | undefined> = {
  'session:resumable': ({resumable}) => resumable,
  'session:closed': ({status}) => status === 'completed',
  'session:open': ({status}) => status !== 'completed',
}
const MAX_OFFERED = 50
