import type {Config} from '@oclif/core'
import {ioOf} from 'clinvk-kit/command'
import {Failure} from 'clinvk-kit/errors/failure'
import type {IO} from 'clinvk-kit/io'
import {emitEvent, runHook} from 'clinvk-kit/hooks/run-hook'
import type {SessionAbout, SessionChanged} from 'clinvk-kit/turn/context'
import {resolveAny, resolveSession} from '../resolve/resolve-session.js'
import type {SessionFile} from '../store/session-file.js'
import {SessionStore} from '../store/store.js'
import {adoption} from '../view/labels.js'

/** Where sessions are looked up and changed. */
export interface SessionPlace {
  readonly config: Config
  readonly io: IO
  readonly store: SessionStore
  /** Called with each sentence that the user should read besides the answer. */
  readonly note: (message: string) => void
}

/** Those of the user of this process. `note`: where it is not standard error. */
export function placeOf(config: Config, note?: SessionPlace['note']): SessionPlace {
  const io = ioOf(config)
  const onStderr = (message: string) => void io.stderr.write(`Note: ${message}\n`)
  return {config, io, store: new SessionStore(io.env), note: note ?? onStderr}
}

/** The session that is meant, or the conversation of an agent: a session under the agent's own id, of which there is no file; `isBrief`: see `resolveAny`. */
export async function findSession(
  reference: string,
  place: SessionPlace,
  isBrief?: boolean,
): Promise<SessionFile> {
  const {isNew, session} = await resolveAny(reference, place, isBrief)
  return isNew ? {...session, id: session.backend_session_id!} : session
}

/** The session that is meant; a conversation of an agent becomes one. */
export async function findOrAdopt(reference: string, place: SessionPlace): Promise<SessionFile> {
  const {isNew, session} = await resolveAny(reference, place)
  if (isNew) await adopt(session, place)
  return session
}

/** All sessions that are meant, each once: a wrong reference throws before the first one is changed. */
export function findSessions(references: readonly string[], {store}: SessionPlace): SessionFile[] {
  const sessions = references.map((reference) => resolveSession(reference, store))
  return [...new Map(sessions.map((session) => [session.id, session])).values()]
}

/** Keeps the conversation of an agent as a session. */
export async function adopt(session: SessionFile, {note, store}: SessionPlace): Promise<void> {
  if (await store.create(session)) note(adoption(session))
}

/** Throws a Failure where an agent's own program could not be opened; `instead` gives a prompt. */
export function checkTerminal({stdin, stdout}: IO, instead: string): void {
  if (stdin.isTTY && stdout.isTTY) return
  const message = 'There is no prompt, and no terminal to open the agent itself in.'
  throw new Failure('usage', message, [`Try: ${instead}`])
}

/** Runs the hook that removes what other plugins keep of deleted sessions, and emits `session:deleted`. */
export async function announceDeleted(sessions: readonly SessionFile[], place: SessionPlace): Promise<void> {
  const {config, note} = place
  if (sessions.length === 0) return
  const {failures} = await runHook(config, 'history:forget', {sessions}, LONGEST_FORGET_MS)
  for (const {message, plugin} of failures) note(`${plugin} cannot forget what was deleted: ${message}`)
  for (const session of sessions) await announce('session:deleted', session, place)
}

/** Emits an event about a session. */
export function announce(
  event: SessionChanged['event'],
  {backend, backend_session_id: backendSessionId, id, working_dir: workingDir}: SessionFile,
  {config, note}: SessionPlace,
): Promise<void> {
  const about: SessionAbout = {sessionId: id, backendSessionId, backend, workingDir}
  return emitEvent(config, event, about, note)
}

const LONGEST_FORGET_MS = 60_000
