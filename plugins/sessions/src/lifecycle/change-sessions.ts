import {Failure} from 'clinvk-kit/errors/failure'
import {type SessionFile, shortId} from '../store/session-file.js'
import {refuseRunning} from './refuse.js'
import {statusOf} from '../store/status.js'
import {checkName, checkTag} from '../view/labels.js'
import {findOrAdopt, announce, type SessionPlace} from './place.js'

/** Gives a session a name; an empty one removes it. A conversation of an agent becomes a session. Throws a Failure. */
export async function rename(reference: string, name: string, place: SessionPlace): Promise<SessionFile> {
  if (name !== '') checkName(name)
  const {store} = place
  const session = await store.update((await findOrAdopt(reference, place)).id, (current) => {
    if (name === '') delete current.name
    else current.name = name
  })
  store.transcripts.hasChanged(session.id)
  return session
}

/** Adds tags to a session and removes others. A conversation of an agent becomes a session. Throws a Failure. */
export async function tag(
  reference: string,
  {add = [], remove = []}: {readonly add?: readonly string[]; readonly remove?: readonly string[]},
  place: SessionPlace,
): Promise<SessionFile> {
  for (const each of [...add, ...remove]) checkTag(each)
  return place.store.update((await findOrAdopt(reference, place)).id, (current) => {
    const {tags: before = []} = current
    const unknown = remove.filter((each) => !before.includes(each))
    if (unknown.length > 0) {
      throw new Failure('usage', `Session ${shortId(current)} has no tag ${unknown.join(', ')}.`, [
        before.length > 0 ? `It has: ${before.join(', ')}` : 'It has none.',
      ])
    }

    current.tags = [...new Set([...before, ...add])].filter((each) => !remove.includes(each))
  })
}

/** Marks sessions as completed, and returns what they are now. Throws a Failure where one of them runs. */
export async function close(sessions: readonly SessionFile[], place: SessionPlace): Promise<SessionFile[]> {
  const {io, store} = place
  for (const session of sessions) refuseRunning(session, 'Nothing was closed.')
  const closed: SessionFile[] = []
  for (const {id} of sessions) {
    const session = await store.update(id, (current) => {
      refuseRunning(current, 'It was not closed.')
      current.closed_at ??= io.now().toISOString()
      current.status = 'completed'
    })
    closed.push(session)
    await announce('session:closed', session, place)
  }

  return closed
}

/** Opens closed sessions again, and returns what they are now. Throws a Failure. */
export async function reopen(
  sessions: readonly SessionFile[],
  {store}: SessionPlace,
): Promise<SessionFile[]> {
  const opened: SessionFile[] = []
  for (const {id} of sessions)
    opened.push(
      await store.update(id, (current) => {
        delete current.closed_at
        current.status = statusOf(current)
      }),
    )
  return opened
}
