import {jsonFlag, SessionCommand, sessionsArg} from '../../lifecycle/session-command.js'
import {shortId} from '../../store/session-file.js'
import {refuseRunning} from '../../store/status.js'

export default class SessionsClose extends SessionCommand {
  static override summary = 'Mark sessions as completed.'
  static override description = 'A closed session is kept; resuming it opens it again.'
  static override examples = [
    '<%= config.bin %> sessions close abc123',
    '<%= config.bin %> sessions list --status completed',
  ]

  static override strict = false
  static override args = {id: sessionsArg}
  static completion = {args: {id: 'session:open'}}
  static override flags = {json: jsonFlag}

  async run(): Promise<void> {
    const {argv, flags} = await this.parse(SessionsClose)
    const sessions = this.resolveAll(argv)
    for (const session of sessions) refuseRunning(session, 'Nothing was closed.')
    for (const session of sessions) {
      await this.store.update(session.id, (current) => {
        refuseRunning(current, 'It was not closed.')
        current.closed_at ??= this.io.now().toISOString()
        current.status = 'completed'
      })
      await this.announce('session:closed', session)
    }

    if (flags.json) this.printJson({closed: sessions.map(({id}) => id)})
    else this.print(sessions.map((session) => `Session ${shortId(session)} closed.\n`).join(''))
  }
}
