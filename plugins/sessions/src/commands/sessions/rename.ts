import {Args, Command, Flags} from '@oclif/core'
import {resolveSession} from '../../resolve/resolve-session.js'
import {shortId} from '../../store/session-file.js'
import {SessionStore} from '../../store/store.js'
import {checkName} from '../../view/labels.js'
import {sessionJson} from '../../view/session-json.js'

export default class SessionsRename extends Command {
  static override summary = 'Give a session a name.'
  static override description = 'The name works wherever a session is asked for. An empty one takes it away.'
  static override examples = [
    '<%= config.bin %> sessions rename abc123 auth-fix',
    '<%= config.bin %> resume auth-fix "now the tests"',
    '<%= config.bin %> sessions rename auth-fix ""',
  ]

  static override args = {
    id: Args.string({
      description: 'Id, name, beginning of an id, or @last.',
      ignoreStdin: true,
      required: true,
    }),
    name: Args.string({description: 'The name; "" takes it away.', ignoreStdin: true, required: true}),
  }

  static completion = {args: {id: 'session'}}

  static override flags = {json: Flags.boolean({description: 'Print JSON.'})}

  async run(): Promise<void> {
    const {args, flags} = await this.parse(SessionsRename)
    if (args.name !== '') checkName(args.name)
    const store = new SessionStore(process.env)
    const {id} = resolveSession(args.id, store)
    const session = await store.update(id, (current) => {
      if (args.name === '') delete current.name
      else current.name = args.name
    })
    const said = args.name === '' ? 'has no name now' : `is now called ${args.name}`
    process.stdout.write(
      flags.json
        ? `${JSON.stringify(sessionJson(session), undefined, 2)}\n`
        : `Session ${shortId(session)} ${said}.\n`,
    )
  }
}
