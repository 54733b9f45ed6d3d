import {Args, Command, Flags} from '@oclif/core'
import {currentDirectory} from 'clinvk-kit/files/current-directory'
import {loadSettings} from 'clinvk-kit/settings/load'
import {resolveSession} from '../../resolve/resolve-session.js'
import {SessionStore} from '../../store/store.js'
import {sessionDetails} from '../../view/session-details.js'
import {sessionJson, withoutUsage} from '../../view/session-json.js'

export default class SessionsShow extends Command {
  static override summary = 'Show everything about a session.'
  static override examples = [
    '<%= config.bin %> sessions show abc123',
    '<%= config.bin %> sessions show @last --json',
  ]

  static override args = {
    id: Args.string({
      description: 'Id, name, beginning of an id, or @last.',
      ignoreStdin: true,
      required: true,
    }),
  }

  static completion = {args: {id: 'session'}}

  static override flags = {json: Flags.boolean({description: 'Print JSON.'})}

  async run(): Promise<void> {
    const {args, flags} = await this.parse(SessionsShow)
    const {session: settings} = await loadSettings({cwd: currentDirectory(), env: process.env})
    const found = resolveSession(args.id, new SessionStore(process.env))
    const session = settings.store_token_usage ? found : withoutUsage(found)
    process.stdout.write(
      flags.json
        ? `${JSON.stringify(sessionJson(session), undefined, 2)}\n`
        : sessionDetails(session, new Date()),
    )
  }
}
