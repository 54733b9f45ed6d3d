import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {TurnCommand} from 'clinvk-kit/command'
import {positive, turnFlags} from 'clinvk-kit/flags'
import {isPiped} from 'clinvk-kit/io'
import {adopt, checkTerminal, placeOf} from '../lifecycle/place.js'
import {resolveAny} from '../resolve/resolve-session.js'
import {shortId} from '../store/session-file.js'
import {refuseRunning} from '../lifecycle/refuse.js'

const {backend: _backend, ephemeral: _ephemeral, new: _new, ...shared} = turnFlags
const helpGroup = 'SESSION'

export default class Fork extends TurnCommand {
  static override hiddenAliases = ['sessions:fork']
  static override summary = 'Continue a copy of a session, with the same agent or another one.'
  static override description =
    "The session itself stays as it is. The copy is made by the agent where it can; another agent is given the conversation as a record of its own. Without a prompt, on a terminal, the agent's own program is opened on the copy."

  static override examples = [
    '<%= config.bin %> fork abc123 "try it with a queue instead"',
    '<%= config.bin %> fork abc123 --at 2 "from here again"',
    '<%= config.bin %> fork @last -b codex "now review what was done"',
    '<%= config.bin %> fork abc123 -b gemini --dry-run "continue"',
  ]

  static override args = {
    id: Args.string({
      description: 'Id, name, beginning of an id, or @last; also the id of an agent.',
      ignoreStdin: true,
      required: true,
    }),
    prompt: Args.string({description: 'The prompt; - reads it from stdin.', ignoreStdin: true}),
  }

  static completion = {args: {id: 'session'}, flags: {backend: 'backend'}}
  static override flags = {
    ...shared,
    backend: Flags.string({
      char: 'b',
      description: 'Agent that continues the copy. Default: that of the session.',
      helpValue: 'NAME',
      helpGroup,
    }),
    at: positive({
      description: 'Continue from the end of this turn, as sessions log counts them.',
      helpValue: 'TURN',
      helpGroup,
    }),
  }

  async run(): Promise<number> {
    const {args, flags} = await this.parse(Fork)
    const place = placeOf(this.config)
    const {isNew, session} = await resolveAny(args.id, place)
    refuseRunning(session, 'Wait until it has finished.')
    const isTurn = args.prompt !== undefined || flags.file !== undefined || isPiped(this.io)
    if (isTurn) {
      const adopts = isNew ? session : undefined
      const ofFork = {...flags, ephemeral: false, new: false, fork: session.id, adopts}
      return this.runPrompt({argument: args.prompt, flags: ofFork})
    }

    checkTerminal(this.io, `clinvk fork ${shortId(session)} "try it with a queue instead"`)
    if (isNew) await adopt(session, place)
    const {at, backend, config: file, model, name, tag: tags = []} = flags
    const {openFork} = await import('../lifecycle/interactive-fork.js')
    return openFork(session, {at, backend, file, model, name, tags}, place)
  }
}
