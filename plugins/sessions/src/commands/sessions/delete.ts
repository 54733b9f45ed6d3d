import {Flags} from '@oclif/core'
import {Failure} from 'clinvk-kit/errors/failure'
import type {DeletedConversation} from 'clinvk-kit/turn/delete-conversation'
import {jsonFlag, SessionCommand, sessionsArg} from '../../lifecycle/session-command.js'
import {isForeign, type SessionFile, shortId} from '../../store/session-file.js'
import {refuseRunning} from '../../store/status.js'

type Removed = DeletedConversation['removed'] | undefined

export default class SessionsDelete extends SessionCommand {
  static override hiddenAliases = ['sessions:rm']
  static override summary = 'Delete sessions.'
  static override description =
    "Deletes what clinvk keeps of a session. The agent's own record of the conversation is kept unless --agent is given."
  static override examples = [
    '<%= config.bin %> sessions delete abc123',
    '<%= config.bin %> sessions delete abc123 def456',
    '<%= config.bin %> sessions delete abc123 --agent',
    '<%= config.bin %> sessions delete abc123 --agent --with-forks',
  ]
  static override strict = false
  static override args = {id: sessionsArg}
  static completion = {args: {id: 'session'}}
  static override flags = {
    agent: Flags.boolean({description: "Also delete the agent's own record."}),
    'with-forks': Flags.boolean({
      description: 'Also delete the forks that the agent could not read without it.',
      dependsOn: ['agent'],
    }),
    json: jsonFlag,
  }

  async run(): Promise<void> {
    const {argv, flags} = await this.parse(SessionsDelete)
    const named = this.resolveAll(argv)
    const sessions = flags.agent ? await this.#withForks(named, flags['with-forks']) : named
    for (const session of sessions) refuseRunning(session, 'Nothing was deleted.')
    const deleteRecord = flags.agent ? await this.#recordDeleter(sessions) : undefined
    const ofAgent: string[] = []
    for (const session of sessions) {
      const {id} = session
      if (deleteRecord) refuseRunning(this.store.get(id) ?? session, 'It was not deleted.')
      const removed = await deleteRecord?.(session)
      if (removed === true) ofAgent.push(id)
      await this.store.delete(id, (current) => {
        refuseRunning(current, 'It was not deleted.')
        return true
      })
      if (!flags.json) this.print(`Session ${id} deleted. ${recordNote(session.backend, removed)}\n`)
      await this.announceDeleted([session])
    }

    const deleted = sessions.map(({id}) => id)
    if (flags.json) this.printJson({deleted, agent_records_deleted: flags.agent ? ofAgent : undefined})
  }

  /**
   * The sessions, each after the forks that its agent could not read without it. Throws a Failure where there are such
   * forks and they are not to be deleted.
   */
  async #withForks(named: readonly SessionFile[], isAllowed: boolean): Promise<SessionFile[]> {
    const {backendsOf} = await import('clinvk-kit/backends/discover')
    const {dependentConversations} = await import('clinvk-kit/turn/delete-conversation')
    const context = {backends: (await backendsOf(this.config)).backends, env: this.io.env}
    const all = new Map<string, SessionFile>()
    for (const session of named) {
      const {backend, backend_session_id: id, working_dir: cwd} = session
      const ids = id ? await dependentConversations(backend, {id, cwd}, context) : []
      const known = ids.length === 0 ? [] : this.store.list({backend}).sessions
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
  async #recordDeleter(
    sessions: readonly SessionFile[],
  ): Promise<(session: SessionFile) => Promise<Removed>> {
    const {backendsOf} = await import('clinvk-kit/backends/discover')
    const {conversationDeleter} = await import('clinvk-kit/turn/delete-conversation')
    const context = {backends: (await backendsOf(this.config)).backends, env: this.io.env}
    const deleters = new Map<string, Awaited<ReturnType<typeof conversationDeleter>>>()
    for (const {backend} of sessions)
      if (!deleters.has(backend)) deleters.set(backend, await conversationDeleter(backend, context))
    return async (session) => {
      if (!session.backend_session_id) return false
      const {backend, backend_session_id: id, backend_state: state, working_dir: cwd} = session
      const {notes, removed} = await deleters.get(backend)!({id, cwd, state})
      for (const note of notes) this.note(note)
      return removed
    }
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

function recordNote(backend: string, removed: Removed): string {
  if (removed === undefined || removed === 'not installed')
    return `The record that ${backend} keeps of it stays.`
  return removed
    ? `The record that ${backend} kept of it is deleted, too.`
    : `${backend} kept no record of it.`
}
