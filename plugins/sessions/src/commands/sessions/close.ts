import {Args, Command, Flags} from '@oclif/core'
import {announce} from '../../lifecycle/announce.js'
import {resolveSession} from '../../resolve/resolve-session.js'
import {shortId} from '../../store/session-file.js'
import {refuseRunning} from '../../store/status.js'
import {SessionStore} from '../../store/store.js'

export default class SessionsClose extends Command {
  static override summary = 'Mark sessions as completed.'
  static override description = 'A closed session stays; going on with it opens it again.'
  static override examples = [
    '<%= config.bin %> sessions close abc123',
    '<%= config.bin %> sessions list --status completed',
  ]

  static override strict = false
  static override args = {
    id: Args.string({
      description: 'Id, name, beginning of an id, or @last; several.',
      ignoreStdin: true,
      required: true,
    }),
  }

  static completion = {args: {id: 'session:open'}}

  static override flags = {json: Flags.boolean({description: 'Print JSON.'})}

  async run(): Promise<void> {
    const {argv, flags} = await this.parse(SessionsClose)
    const store = new SessionStore(process.env)
    const sessions = (argv as string[]).map((reference) => resolveSession(reference, store))
    for (const session of sessions) refuseRunning(session, 'Nothing was closed.')
    for (const session of sessions) {
      await store.update(session.id, (current) => {
        refuseRunning(current, 'It was not closed.')
        current.closed_at ??= new Date().toISOString()
        current.status = 'completed'
      })
      await announce(this.config, 'session:closed', session)
    }

    process.stdout.write(
      flags.json
        ? `${JSON.stringify({closed: sessions.map(({id}) => id)}, undefined, 2)}\n`
        : sessions.map((session) => `Session ${shortId(session)} closed.\n`).join(''),
    )
  }
}
