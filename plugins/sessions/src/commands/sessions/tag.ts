import * as Args from '@oclif/core/args'
import {tag} from '../../lifecycle/change-sessions.js'
import {jsonFlag, sessionArg, SessionCommand} from '../../lifecycle/session-command.js'
import {shortId} from '../../store/session-file.js'
import {sessionJson} from '../../view/session-json.js'

export default class SessionsTag extends SessionCommand {
  static override summary = 'Add tags to a session, or remove them.'
  static override examples = [
    '<%= config.bin %> sessions tag abc123 add bug urgent',
    '<%= config.bin %> sessions tag abc123 remove urgent',
    '<%= config.bin %> sessions list --tag bug',
  ]

  static override usage = 'sessions tag ID add|remove TAG... [FLAGS]'
  static override strict = false
  static override args = {
    id: sessionArg,
    action: Args.string({
      description: 'What to do.',
      ignoreStdin: true,
      options: ['add', 'remove'],
      required: true,
    }),
    tag: Args.string({description: 'One tag or several.', ignoreStdin: true, required: true}),
  }

  static completion = {args: {id: 'session', tag: 'tag:change'}}
  static override flags = {json: jsonFlag}

  async run(): Promise<void> {
    const {args, argv, flags} = await this.parse(SessionsTag)
    const tags = (argv as string[]).slice(2)
    const change = args.action === 'add' ? {add: tags} : {remove: tags}
    const session = await tag(args.id, change, this.place)
    const now = session.tags?.length ? `has the tags ${session.tags.join(', ')}` : 'has no tags'
    if (flags.json) this.printJson(sessionJson(session))
    else this.print(`Session ${shortId(session)} ${now}.\n`)
  }
}
