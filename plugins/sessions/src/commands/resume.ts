import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {TurnCommand} from 'clinvk-kit/command'
import {Failure} from 'clinvk-kit/errors/failure'
import {turnFlags} from 'clinvk-kit/flags'
import {chooseSession} from '../resolve/choose-session.js'
import {type SessionFile, shortId} from '../store/session-file.js'

const {backend, ...shared} = turnFlags

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
  ]

  static override args = {
    id: Args.string({
      description: 'Id, name, beginning of an id, or @last; with --last the prompt.',
      ignoreStdin: true,
    }),
    prompt: Args.string({description: 'The prompt; - reads it from stdin.', ignoreStdin: true}),
  }

  static completion = {args: {id: 'session:resumable'}}

  static override flags = {
    ...shared,
    last: Flags.boolean({
      description: 'The last session that can be resumed.',
      aliases: ['latest'],
      helpGroup: 'SESSION',
    }),
    backend: Flags.string({
      char: 'b',
      description: 'Only sessions of this backend.',
      helpValue: 'NAME',
      helpGroup: 'SESSION',
    }),
    interactive: Flags.boolean({
      char: 'i',
      description: 'Choose from a list, even with --last.',
      helpGroup: 'SESSION',
    }),
    here: Flags.boolean({description: 'Only sessions of the current directory.', helpGroup: 'SESSION'}),
  }

  async run(): Promise<number> {
    const {args, flags, raw} = await this.parse(Resume)
    refuseUnfit(flags)
    const words = [args.id, args.prompt].filter((word) => word !== undefined)
    const chosen = await chooseSession({...flags, words}, this.io)
    if (!chosen) return CANCELLED
    const {prompt, session} = chosen
    if (prompt !== undefined || flags.file !== undefined) {
      return this.runPrompt({argument: prompt, flags: {...flags, backend: undefined, session: session.id}})
    }

    const given = raw.flatMap((token) => (token.type === 'flag' ? [token.flag] : []))
    return this.#openAgent(session, [...given, ...(flags.extra?.length ? ['extra'] : [])], flags)
  }

  /** Without a prompt the user types in the agent itself, which takes a terminal; the flags of a turn mean nothing there. */
  async #openAgent(
    session: SessionFile,
    given: readonly string[],
    {config: file, model}: {model?: string; config?: string},
  ): Promise<number> {
    const {cwd, env, stdin, stdout} = this.io
    const prompted = `clinvk resume ${shortId(session)}`
    if (!stdin.isTTY || !stdout.isTTY) {
      throw new Failure('usage', 'There is no prompt, and no terminal to open the agent itself in.', [
        `Try: ${prompted} "continue with the tests"`,
      ])
    }

    const unfit = given.find((flag) => !OWN.has(flag) && !OF_THE_AGENT.has(flag))
    if (unfit !== undefined) {
      throw new Failure(
        'usage',
        `--${unfit} needs a prompt: without one the agent itself is opened, as it is.`,
        [
          `Try: ${prompted} --${unfit}${isSwitch(unfit) ? '' : ' …'} "continue with the tests"`,
          `Or open it: ${prompted}`,
        ],
      )
    }

    const {loadSettings} = await import('clinvk-kit/settings/load')
    const settings = await loadSettings({cwd, env, file})
    const {openInteractiveSession} = await import('../lifecycle/interactive-session.js')
    return openInteractiveSession(session, {config: this.config, io: this.io, settings, model})
  }
}

/** A resumed session is neither new nor forgotten; saying so beats ignoring the wish. */
function refuseUnfit(flags: {ephemeral: boolean; new: boolean; name?: string | undefined}): void {
  const {ephemeral, name, new: fresh} = flags
  const unfit = ephemeral ? '--ephemeral' : fresh ? '--new' : name === undefined ? undefined : '--name'
  if (unfit === undefined) return
  throw new Failure('usage', `${unfit} does not go with resume: the session is there already, and is kept.`, [
    `Start a new one: clinvk ${unfit}${unfit === '--name' ? ` ${name!}` : ''} "…"`,
  ])
}

/** Flags that choose the session; all others are those of the turn. */
const OWN = new Set(['last', 'backend', 'here', 'interactive'])
/** Those that also mean something where the agent itself is opened. */
const OF_THE_AGENT = new Set(['model', 'config'])

function isSwitch(name: string): boolean {
  return (shared as Record<string, {type: string} | undefined>)[name]?.type === 'boolean'
}

/** As after Ctrl-C. */
const CANCELLED = 130
