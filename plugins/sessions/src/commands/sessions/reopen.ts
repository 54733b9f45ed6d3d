import {reopen} from '../../lifecycle/change-sessions.js'
import {findSessions} from '../../lifecycle/place.js'
import {jsonFlag, SessionCommand, sessionsArg} from '../../lifecycle/session-command.js'
import {shortId} from '../../store/session-file.js'

export default class SessionsReopen extends SessionCommand {
  static override summary = 'Open closed sessions again.'
  static override examples = ['<%= config.bin %> sessions reopen abc123']
  static override strict = false
  static override args = {id: sessionsArg}
  static completion = {args: {id: 'session:closed'}}
  static override flags = {json: jsonFlag}

  async run(): Promise<void> {
    const {argv, flags} = await this.parse(SessionsReopen)
    const sessions = await reopen(findSessions(argv as string[], this.place), this.place)
    if (flags.json) this.printJson({reopened: sessions.map(({id}) => id)})
    else this.print(sessions.map((session) => `Session ${shortId(session)} is open again.\n`).join(''))
  }
}
