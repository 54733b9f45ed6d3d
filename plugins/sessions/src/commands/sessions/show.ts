import * as Flags from '@oclif/core/flags'
import {jsonFlag, sessionArg, SessionCommand} from '../../lifecycle/session-command.js'
import {sessionDetails} from '../../view/session-text.js'
import {showSession, shownJson} from '../../view/show-session.js'

export default class SessionsShow extends SessionCommand {
  static override summary = 'Show everything about a session.'
  static override examples = [
    '<%= config.bin %> sessions show abc123',
    '<%= config.bin %> sessions show @last --json',
    '<%= config.bin %> sessions show abc123 --cost',
  ]

  static override args = {id: sessionArg}
  static completion = {args: {id: 'session'}}
  static override flags = {
    cost: Flags.boolean({
      description: 'Also show what its model calls are worth, as clinvk usage computes it.',
    }),
    json: jsonFlag,
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(SessionsShow)
    const shown = await showSession(args.id, {cost: flags.cost}, this.place)
    if (flags.json) return this.printJson(shownJson(shown))
    const {cost, forks, history, session} = shown
    this.print(sessionDetails(session, this.io.now(), {...history, forks, value: cost?.text}))
  }
}
