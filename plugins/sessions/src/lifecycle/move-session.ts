import {resolve} from 'node:path'
import {backendsOf} from 'clinvk-kit/backends/discover'
import {Failure} from 'clinvk-kit/errors/failure'
import {askYes} from 'clinvk-kit/format/ask-yes'
import {quoteCommand} from 'clinvk-kit/format/text'
import {loadSettings} from 'clinvk-kit/settings/load'
import {moveConversation} from 'clinvk-kit/turn/change-records'
import {elsewhere, realDirectory} from 'clinvk-kit/turn/resolve-options'
import {realPathOf} from 'clinvk-kit/files/read-file'
import {type SessionFile, shortId} from '../store/session-file.js'
import {checkResumable, refuseRunning} from './refuse.js'
import type {SessionPlace} from './place.js'

/**
 * Moves a session to a directory, given by its real path: its agent resumes the conversation there from now on. Throws
 * a Failure where it cannot; then the session stays as it is.
 */
export async function moveSession(
  session: SessionFile,
  to: string,
  {config, io, note, store}: SessionPlace,
): Promise<SessionFile> {
  const {backend, backend_session_id: id, backend_state: state, unconfirmed, working_dir: from} = session
  refuseRunning(session, 'It was not moved.')
  if (id) {
    const {backends} = await backendsOf(config)
    const conversation = {id, cwd: from || to, state}
    const isUnconfirmed = unconfirmed !== undefined
    const doubt = await moveConversation({backend, conversation, isUnconfirmed, to}, {backends, env: io.env})
    if (doubt !== undefined) note(doubt)
  }

  return store.update(session.id, (current) => {
    refuseRunning(current, 'It was not moved.')
    current.working_dir = to
    delete current.worktree
  })
}

/**
 * The session to be resumed in a directory that the user has named. One of another directory is moved, with `move` or
 * when the user says yes; undefined when the user says no.
 */
export async function moveAsAsked(
  session: SessionFile,
  directory: string,
  {dryRun, move}: {readonly move: boolean; readonly dryRun?: boolean},
  place: SessionPlace,
): Promise<SessionFile | undefined> {
  const {io, note} = place
  const to = realDirectory(resolve(io.cwd, directory))
  const {id, working_dir: from} = session
  if (realPathOf(from) === to) return session
  checkResumable(session)
  const short = shortId(session)
  const settings = await loadSettings(io)
  if (dryRun ?? settings.unified_flags.dry_run) {
    const tryIt = quoteCommand(['clinvk', 'sessions', 'move', short, to, '--dry-run'])
    throw new Failure('usage', `A dry run does not move session ${short} from ${from}.`, [`Try: ${tryIt}`])
  }

  if (!move) {
    if (!io.stdin.isTTY || !io.stderr.isTTY) throw elsewhere({id, directory: from}, to)
    if (!(await askYes(`Session ${short} belongs to ${from}. Move it to ${to}?`, io))) return undefined
  }

  const moved = await moveSession(session, to, place)
  note(`Session ${short} moved to ${to}.`)
  return moved
}
