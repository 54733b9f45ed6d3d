import {jsonFlag, SessionCommand, sessionsArg} from '../../lifecycle/session-command.js'
import {shortId} from '../../store/session-file.js'
import {statusOf} from '../../store/status.js'

export default class SessionsReopen extends SessionCommand {
  static override summary = 'Open closed sessions again.'
  static override examples = ['<%= config.bin %> sessions reopen abc123']
  static override strict = false
  static override args = {id: sessionsArg}
  static completion = {args: {id: 'session:closed'}}
  static override flags = {json: jsonFlag}

  async run(): Promise<void> {
    const {argv, flags} = await this.parse(SessionsReopen)
    const sessions = this.resolveAll(argv)
    for (const {id} of sessions) {
      await this.store.update(id, (current) => {
        delete current.closed_at
        current.status = statusOf(current)
      })
    }

    if (flags.json) this.printJson({reopened: sessions.map(({id}) => id)})
    else this.print(sessions.map((session) => `Session ${shortId(session)} is open again.\n`).join(''))
  }
}
