import * as Args from '@oclif/core/args'
import {rename} from '../../lifecycle/change-sessions.js'
import {jsonFlag, sessionArg, SessionCommand} from '../../lifecycle/session-command.js'
import {shortId} from '../../store/session-file.js'
import {sessionJson} from '../../view/session-json.js'

export default class SessionsRename extends SessionCommand {
  static override summary = 'Give a session a name.'
  static override description = 'The name can be used wherever a session is asked for. "" removes it.'
  static override examples = [
    '<%= config.bin %> sessions rename abc123 auth-fix',
    '<%= config.bin %> resume auth-fix "now the tests"',
    '<%= config.bin %> sessions rename auth-fix ""',
  ]

  static override args = {
    id: sessionArg,
    name: Args.string({description: 'The name; "" removes it.', ignoreStdin: true, required: true}),
  }

  static completion = {args: {id: 'session'}}
  static override flags = {json: jsonFlag}

  async run(): Promise<void> {
    const {args, flags} = await this.parse(SessionsRename)
    const session = await rename(args.id, args.name, this.place)
    const change = args.name === '' ? 'has no name now' : `is now called ${args.name}`
    if (flags.json) this.printJson(sessionJson(session))
    else this.print(`Session ${shortId(session)} ${change}.\n`)
  }
}
