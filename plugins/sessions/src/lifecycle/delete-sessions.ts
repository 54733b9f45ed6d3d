import {backendsOf} from 'clinvk-kit/backends/discover'
import {Failure} from 'clinvk-kit/errors/failure'
import type {DeletedData, DeleteOptions} from 'clinvk-kit/for-plugins/sessions'
import {
  conversationDeleter,
  type DeletedConversation,
  dependentConversations,
} from 'clinvk-kit/turn/change-records'
import {isForeign, type SessionFile, shortId} from '../store/session-file.js'
import {refuseRunning} from './refuse.js'
import type {SessionStore} from '../store/store.js'
import {announceDeleted, type SessionPlace} from './place.js'

/** What has become of the agent's own record; undefined where it was to stay. */
export type DeletedRecord = DeletedConversation['removed'] | undefined

/**
 * Deletes sessions one after the other; `onDeleted` is called after each. Throws a Failure where one of them runs, or a record
 * cannot be deleted.
 */
export async function deleteSessions(
  named: readonly SessionFile[],
  {agent = false, withForks = false}: DeleteOptions,
  place: SessionPlace,
  onDeleted?: (session: SessionFile, record: DeletedRecord) => void,
): Promise<DeletedData> {
  const {config, io, store} = place
  const context = agent ? {backends: (await backendsOf(config)).backends, env: io.env} : undefined
  const sessions = context ? await andForks(named, withForks, context, store) : named
  for (const session of sessions) refuseRunning(session, 'Nothing was deleted.')
  const deleteRecord = context && (await recordDeleter(sessions, context, place))
  const ofAgent: string[] = []
  for (const session of sessions) {
    const {id} = session
    if (deleteRecord) refuseRunning(store.get(id) ?? session, 'It was not deleted.')
    const removed = await deleteRecord?.(session)
    if (removed === true) ofAgent.push(id)
    await store.delete(id, (current) => {
      refuseRunning(current, 'It was not deleted.')
      return true
    })
    onDeleted?.(session, removed)
    await announceDeleted([session], place)
  }

  return {deleted: sessions.map(({id}) => id), agent_records_deleted: agent ? ofAgent : undefined}
}

type Context = Parameters<typeof conversationDeleter>[1]

/**
 * The sessions, each after the forks that its agent could not read without it. Throws a Failure where there are such
 * forks and they are not to be deleted.
 */
async function andForks(
  named: readonly SessionFile[],
  isAllowed: boolean,
  context: Context,
  store: SessionStore,
): Promise<SessionFile[]> {
  const all = new Map<string, SessionFile>()
  for (const session of named) {
    const {backend, backend_session_id: id, working_dir: cwd} = session
    const ids = id ? await dependentConversations(backend, {id, cwd}, context) : []
    const known = ids.length === 0 ? [] : store.list({backend}).sessions
    const forks = ids.map(
      (fork) => known.find((one) => one.backend_session_id === fork) ?? foreign(session, fork),
    )
    const others = forks.filter((fork) => !named.some((one) => one.id === fork.id))
    if (others.length > 0 && !isAllowed) throw neededBy(session, others)
    for (const one of [...forks, session]) all.set(one.id, one)
  }

  return [...all.values()]
}

/** What deletes the agents' own records. Throws a Failure when the backend of one of the sessions cannot do that. */
async function recordDeleter(
  sessions: readonly SessionFile[],
  context: Context,
  {note}: SessionPlace,
): Promise<(session: SessionFile) => Promise<DeletedRecord>> {
  const deleters = new Map<string, Awaited<ReturnType<typeof conversationDeleter>>>()
  for (const {backend} of sessions)
    if (!deleters.has(backend)) deleters.set(backend, await conversationDeleter(backend, context))
  return async (session) => {
    if (!session.backend_session_id) return false
    const {backend, backend_session_id: id, backend_state: state, working_dir: cwd} = session
    const {notes, removed} = await deleters.get(backend)!({id, cwd, state})
    for (const each of notes) note(each)
    return removed
  }
}

/** A fork that is no session stands under the agent's own id. */
function foreign(session: SessionFile, id: string): SessionFile {
  return {...session, id, backend_session_id: id, backend_state: undefined, running: undefined}
}

function neededBy(session: SessionFile, forks: readonly SessionFile[]): Failure {
  const names = forks.map((fork) => (isForeign(fork) ? fork.id : shortId(fork))).join(', ')
  return new Failure(
    'session',
    `${session.backend} could not read ${forks.length === 1 ? 'the fork' : 'the forks'} ${names} without the record of session ${shortId(session)}. Nothing was deleted.`,
    [
      `Delete all of them: clinvk sessions delete ${shortId(session)} --agent --with-forks`,
      'Or leave out --agent: then the record of the agent stays.',
    ],
  )
}
