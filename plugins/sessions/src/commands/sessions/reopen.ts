import {Args, Command, Flags} from '@oclif/core'
import {resolveSession} from '../../resolve/resolve-session.js'
import {shortId} from '../../store/session-file.js'
import {statusOf} from '../../store/status.js'
import {SessionStore} from '../../store/store.js'

export default class SessionsReopen extends Command {
  static override summary = 'Open closed sessions again.'
  static override examples = ['<%= config.bin %> sessions reopen abc123']
  static override strict = false
  static override args = {
    id: Args.string({
      description: 'Id, name, beginning of an id, or @last; several.',
      ignoreStdin: true,
      required: true,
    }),
  }

  static completion = {args: {id: 'session:closed'}}

  static override flags = {json: Flags.boolean({description: 'Print JSON.'})}

  async run(): Promise<void> {
    const {argv, flags} = await this.parse(SessionsReopen)
    const store = new SessionStore(process.env)
    const sessions = (argv as string[]).map((reference) => resolveSession(reference, store))
    for (const {id} of sessions) {
      await store.update(id, (current) => {
        delete current.closed_at
        current.status = statusOf(current)
      })
    }

    process.stdout.write(
      flags.json
        ? `${JSON.stringify({reopened: sessions.map(({id}) => id)}, undefined, 2)}\n`
        : sessions.map((session) => `Session ${shortId(session)} is open again.\n`).join(''),
    )
  }
}
