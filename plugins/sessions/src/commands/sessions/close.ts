import {close} from '../../lifecycle/change-sessions.js'
import {findSessions} from '../../lifecycle/place.js'
import {jsonFlag, SessionCommand, sessionsArg} from '../../lifecycle/session-command.js'
import {shortId} from '../../store/session-file.js'

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
    const sessions = await close(findSessions(argv as string[], this.place), this.place)
    if (flags.json) this.printJson({closed: sessions.map(({id}) => id)})
    else this.print(sessions.map((session) => `Session ${shortId(session)} closed.\n`).join(''))
  }
}
