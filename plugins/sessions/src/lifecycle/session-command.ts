import type {Config} from '@oclif/core'
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {ClinvkCommand} from 'clinvk-kit/command'
import {emitEvent} from 'clinvk-kit/hooks/run-hook'
import {loadSettings} from 'clinvk-kit/settings/load'
import type {Settings} from 'clinvk-kit/settings/settings'
import type {SessionAbout, SessionTold} from 'clinvk-kit/turn/context'
import {resolveSession} from '../resolve/resolve-session.js'
import type {SessionFile} from '../store/session-file.js'
import {SessionStore} from '../store/store.js'

/** What the commands about sessions share. */
export abstract class SessionCommand extends ClinvkCommand {
  protected readonly store = new SessionStore(this.io.env)

  /** The session that the user means. */
  protected resolve(reference: string): SessionFile {
    return resolveSession(reference, this.store)
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

const reference = {ignoreStdin: true, required: true} as const

export const sessionArg = Args.string({description: 'Id, name, beginning of an id, or @last.', ...reference})

export const sessionsArg = Args.string({
  description: 'Id, name, beginning of an id, or @last; several.',
  ...reference,
})

export const jsonFlag = Flags.boolean({description: 'Print JSON.'})
