import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {TurnCommand} from 'clinvk-kit/command'
import {Failure} from 'clinvk-kit/errors/failure'
import {turnFlags} from 'clinvk-kit/flags'
import {quoteCommand} from 'clinvk-kit/format/text'
import {isPiped} from 'clinvk-kit/io'
import {adopt, checkTerminal, placeOf} from '../lifecycle/place.js'
import {chooseSession} from '../resolve/choose-session.js'
import {type SessionFile, shortId} from '../store/session-file.js'

const {backend, ephemeral, name, new: fresh, ...shared} = turnFlags
const helpGroup = 'SESSION'

export default class Resume extends TurnCommand {
  static override summary = 'Continue a session.'
  static override description =
    "With a prompt, the agent answers it here. Without one, on a terminal, the agent's own program is opened on the session."

  static override examples = [
    '<%= config.bin %> resume --last "add error handling"',
    '<%= config.bin %> resume --interactive',
    '<%= config.bin %> resume abc123',
    '<%= config.bin %> resume abc123 "continue with tests"',
    '<%= config.bin %> resume --last --here "and now the docs"',
    '<%= config.bin %> resume --last --backend codex --file task.md',
    '<%= config.bin %> resume abc123 --workdir ~/new-name --move "go on"',
  ]

  static override args = {
    id: Args.string({
      description: 'Id, name, beginning of an id, or @last; also the id of an agent; with --last the prompt.',
      ignoreStdin: true,
    }),
    prompt: Args.string({description: 'The prompt; - reads it from stdin.', ignoreStdin: true}),
  }

  static completion = {args: {id: 'session:resumable'}}
  static override flags = {
    ...shared,
    ephemeral: hidden(ephemeral),
    name: hidden(name),
    new: hidden(fresh),
    last: Flags.boolean({
      description: 'The last session that can be resumed.',
      aliases: ['latest'],
      helpGroup,
    }),
    backend: Flags.string({
      char: 'b',
      description: 'Only sessions of this backend.',
      helpValue: 'NAME',
      helpGroup,
    }),
    interactive: Flags.boolean({char: 'i', description: 'Choose from a list, even with --last.', helpGroup}),
    restart: Flags.boolean({
      description:
        'Where the agent has recorded nothing, start again with the first prompt even if tools have run.',
      helpGroup,
    }),
    here: Flags.boolean({description: 'Only sessions of the current directory.', helpGroup}),
    move: Flags.boolean({
      description: 'Move the session to the directory of --workdir, without asking.',
      dependsOn: ['workdir'],
      helpGroup,
    }),
  }

  async run(): Promise<number> {
    const {args, flags, raw} = await this.parse(Resume)
    refuseNew(flags)
    const words = [args.id, args.prompt].filter((word) => word !== undefined)
    const place = placeOf(this.config)
    const chosen = await chooseSession({...flags, words}, place)
    if (!chosen) return CANCELLED
    const {isNew, prompt} = chosen
    const id = isNew ? chosen.session.backend_session_id! : chosen.session.id
    const isTurn = prompt !== undefined || flags.file !== undefined || isPiped(this.io)
    if (!isTurn) {
      const given = raw.flatMap((token) => (token.type === 'flag' ? [token.flag] : []))
      this.#checkInteractive({id}, flags.extra?.length ? [...given, 'extra'] : given)
    }

    // `moveAsAsked` may change its file; a turn creates it when it starts.
    const isDry = flags['dry-run'] === true
    const adopts = isNew && isTurn && (isDry || flags.workdir === undefined) ? chosen.session : undefined
    if (isNew && !adopts) await adopt(chosen.session, place)
    let session: SessionFile | undefined = chosen.session
    if (flags.workdir !== undefined) {
      const {moveAsAsked} = await import('../lifecycle/move-session.js')
      const note = flags.quiet ? () => undefined : place.note
      const how = {move: flags.move, dryRun: flags['dry-run']}
      session = await moveAsAsked(session, flags.workdir, how, {...place, note})
    }

    if (!session) return CANCELLED
    if (isTurn)
      return this.runPrompt({
        argument: prompt,
        flags: {...flags, backend: undefined, session: session.id, adopts},
      })
    const {config: file, model} = flags
    const {openInteractiveSession} = await import('../lifecycle/interactive-session.js')
    return openInteractiveSession(session, {file, model}, place)
  }

  /** Without a prompt the user types in the agent itself: that needs a terminal, and flags of a turn mean nothing there. */
  #checkInteractive(session: Pick<SessionFile, 'id'>, given: readonly string[]): void {
    const command = `clinvk resume ${shortId(session)}`
    checkTerminal(this.io, `${command} "continue with the tests"`)
    const flag = given.find((name) => !INTERACTIVE_FLAGS.has(name))
    if (flag === undefined) return
    const {type} = (Resume.flags as Record<string, {type: string}>)[flag]!
    throw new Failure(
      'usage',
      `--${flag} needs a prompt: without one the agent itself is opened, as it is.`,
      [
        `Try: ${command} --${flag}${type === 'boolean' ? '' : ' …'} "continue with the tests"`,
        `Or open it: ${command}`,
      ],
    )
  }
}

/** For flags that are only there to be refused with an explanation. */
function hidden<Flag extends object>(flag: Flag): Flag {
  return {...flag, hidden: true}
}

/** Flags of a new session contradict `resume`. */
function refuseNew({ephemeral, name, new: fresh}: {ephemeral: boolean; new: boolean; name?: string}): void {
  const flag = ephemeral ? '--ephemeral' : fresh ? '--new' : name === undefined ? undefined : '--name'
  if (flag === undefined) return
  throw new Failure('usage', `${flag} cannot be used with resume: the session exists and is kept.`, [
    `Start a new one: clinvk ${flag}${flag === '--name' ? ` ${quoteCommand([name!])}` : ''} "…"`,
  ])
}

/** Those that choose the session, and those that also mean something where the agent itself is opened. */
const INTERACTIVE_FLAGS = new Set([
  'last',
  'backend',
  'here',
  'interactive',
  'model',
  'config',
  'workdir',
  'move',
])
/** As after Ctrl-C. */
const CANCELLED = 130
