import {jsonFlag, sessionArg, SessionCommand} from '../../lifecycle/session-command.js'
import {sessionJson, withoutUsage} from '../../view/session-json.js'
import {sessionDetails} from '../../view/session-text.js'

export default class SessionsShow extends SessionCommand {
  static override summary = 'Show everything about a session.'
  static override examples = [
    '<%= config.bin %> sessions show abc123',
    '<%= config.bin %> sessions show @last --json',
  ]

  static override args = {id: sessionArg}
  static completion = {args: {id: 'session'}}
  static override flags = {json: jsonFlag}

  async run(): Promise<void> {
    const {args, flags} = await this.parse(SessionsShow)
    const {store_token_usage: hasUsage} = await this.settings()
    const found = this.resolve(args.id)
    const session = hasUsage ? found : withoutUsage(found)
    if (flags.json) this.printJson(sessionJson(session))
    else this.print(sessionDetails(session, this.io.now()))
  }
}
