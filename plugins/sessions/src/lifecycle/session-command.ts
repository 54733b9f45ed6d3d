import type {Config} from '@oclif/core'
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {ClinvkCommand} from 'clinvk-kit/command'
import {emitEvent, runHook} from 'clinvk-kit/hooks/run-hook'
import {loadSettings} from 'clinvk-kit/settings/load'
import type {Settings} from 'clinvk-kit/settings/settings'
import type {SessionAbout, SessionTold} from 'clinvk-kit/turn/context'
import {resolveAny, resolveSession} from '../resolve/resolve-session.js'
import type {SessionFile} from '../store/session-file.js'
import {SessionStore} from '../store/store.js'
import {adoption} from '../view/labels.js'

/** What the commands about sessions share. */
export abstract class SessionCommand extends ClinvkCommand {
  readonly store = new SessionStore(this.io.env)

  /** The session that the user means. */
  protected resolve(reference: string): SessionFile {
    return resolveSession(reference, this.store)
  }

  /** The same, or the conversation of an agent that the user means: a session under the agent's own id, of which there is no file; `isBrief`: see `resolveAny`. */
  protected async find(reference: string, {isBrief}: {isBrief?: boolean} = {}): Promise<SessionFile> {
    const {isNew, session} = await resolveAny(reference, this, isBrief)
    return isNew ? {...session, id: session.backend_session_id!} : session
  }

  /** The session that the user means; a conversation of an agent becomes one. */
  protected async adopt(reference: string): Promise<SessionFile> {
    const {isNew, session} = await resolveAny(reference, this)
    if (isNew) await adopt(session, this.store, (message) => this.note(message))
    return session
  }

  /** All sessions that the user means, each once: a wrong reference throws before the first one is changed. */
  protected resolveAll(references: readonly unknown[]): SessionFile[] {
    const sessions = references.map((reference) => this.resolve(String(reference)))
    return [...new Map(sessions.map((session) => [session.id, session])).values()]
  }

  protected async settings(): Promise<Settings['session']> {
    return (await loadSettings({cwd: this.io.cwd, env: this.io.env})).session
  }

  protected announce(event: SessionTold['event'], session: SessionFile): Promise<void> {
    return announce(this.config, event, session, (message) => this.note(message))
  }

  protected announceDeleted(sessions: readonly SessionFile[]): Promise<void> {
    return announceDeleted(this.config, sessions, (message) => this.note(message))
  }
}

/** Keeps the conversation of an agent as a session. */
export async function adopt(
  session: SessionFile,
  store: SessionStore,
  note: (message: string) => void,
): Promise<void> {
  if (await store.adopt(session)) note(adoption(session))
}

/** Has all removed that is kept of deleted sessions, and tells plugins. */
export async function announceDeleted(
  config: Config,
  sessions: readonly SessionFile[],
  note: (message: string) => void,
): Promise<void> {
  if (sessions.length === 0) return
  const {failures} = await runHook(config, 'history:forget', {sessions}, LONGEST_FORGET_MS)
  for (const {message, plugin} of failures) note(`${plugin} cannot forget what was deleted: ${message}`)
  for (const session of sessions) await announce(config, 'session:deleted', session, note)
}

/** Tells plugins what has happened to a session. */
export function announce(
  config: Config,
  event: SessionTold['event'],
  {backend, backend_session_id: backendSessionId, id, working_dir: workingDir}: SessionFile,
  note: (message: string) => void,
): Promise<void> {
  const about: SessionAbout = {sessionId: id, backendSessionId, backend, workingDir}
  return emitEvent(config, event, about, note)
}

const LONGEST_FORGET_MS = 60_000

const reference = {ignoreStdin: true, required: true} as const

export const sessionArg = Args.string({description: 'Id, name, beginning of an id, or @last.', ...reference})

export const sessionsArg = Args.string({
  description: 'Id, name, beginning of an id, or @last; several.',
  ...reference,
})

export const jsonFlag = Flags.boolean({description: 'Print JSON.'})
