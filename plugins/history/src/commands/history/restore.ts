import * as Flags from '@oclif/core/flags'
import {backendsOf, unknownBackend} from 'clinvk-kit/backends/discover'
import {Failure} from 'clinvk-kit/errors/failure'
import {resolveSession} from 'clinvk-plugin-sessions/resolve/resolve-session'
import {sessionArg, SessionCommand} from 'clinvk-plugin-sessions/lifecycle/session-command'
import {archivedConversations} from '../../archive/archive.js'
import {restoreConversation} from '../../archive/restore.js'

export default class HistoryRestore extends SessionCommand {
  static override summary = 'Restore a conversation that an agent has deleted.'
  static override description =
    'Puts what is in the archive where the agent had it; what is there stays as it is. `clinvk resume` does so by itself.'
  static override examples = ['<%= config.bin %> history restore abc123']
  static override args = {id: sessionArg}
  static completion = {args: {id: 'session'}}
  static override flags = {json: Flags.boolean({description: 'Print JSON.'})}

  async run(): Promise<void> {
    const {args, flags} = await this.parse(HistoryRestore)
    const {backend, id} = this.#conversation(args.id)
    const {backends} = await backendsOf(this.config)
    const entry = backends.get(backend)
    if (!entry) throw unknownBackend(backend, backends)
    const restored = await restoreConversation(entry, id, this.io.env)
    if (flags.json) return this.printJson({backend, backend_session_id: id, restored})
    const {title} = entry.descriptor
    this.print(
      restored === 0
        ? `${title} has the conversation ${id}. Nothing was changed.\n`
        : `The conversation ${id} is back in ${title}.\n`,
    )
  }

  /** Of a session, or one that is in the archive alone. */
  #conversation(reference: string): {backend: string; id: string} {
    const isPrefix = reference.length >= 4
    const archived = isPrefix ? archivedConversations(this.io.env) : []
    const [only, ...others] = archived.filter(({id}) => id.startsWith(reference))
    if (only && others.length === 0) return only
    const {backend, backend_session_id: id} = resolveSession(reference, this.store)
    if (id) return {backend, id}
    throw new Failure('session', `${backend} has not reported a conversation for session ${reference}.`)
  }
}
