import {isatty} from 'node:tty'
import {Args, Command, type Config, Flags} from '@oclif/core'
import {currentDirectory} from 'clinvk-kit/current-directory'
import {Failure} from 'clinvk-kit/failure'
import {turnFlags, withSafeExtra} from 'clinvk-kit/flags'
import {chooseSession} from '../choose-session.js'
import {type SessionFile, shortId} from '../store/session-file.js'

const {backend, ...shared} = turnFlags

/** Chooses a session, then runs `prompt --session <id>`: only `prompt` runs turns. */
export default class Resume extends Command {
  static override summary = 'Go on with a session.'
  static override description =
    'With a prompt, the agent answers it here. Without one, on a terminal, the agent itself is opened on the session.'

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
      description: 'Pick one from a list, also where another flag would choose.',
      helpGroup: 'SESSION',
    }),
    here: Flags.boolean({description: 'Only sessions of the current directory.', helpGroup: 'SESSION'}),
  }

  async run(): Promise<void> {
    const {args, flags, raw} = await this.parse(Resume, withSafeExtra(this.argv))
    refuseUnfit(flags)
    const words = [args.id, args.prompt].filter((word) => word !== undefined)
    const chosen = await chooseSession({...flags, words})
    if (!chosen) {
      process.exitCode = CANCELLED
      return
    }

    const {prompt, session} = chosen
    const {id} = session
    if (prompt === undefined && flags.file === undefined) {
      const given = raw.flatMap((token) => (token.type === 'flag' ? [token.flag] : []))
      process.exitCode = await openAgent(session, this.config, {...flags, given})
      return
    }

    const passed = raw.flatMap((token) =>
      token.type === 'flag' && !OWN.has(token.flag)
        ? [isSwitch(token.flag) ? switchOf(token) : `--${token.flag}=${token.input}`]
        : [],
    )
    await this.config.runCommand('prompt', [
      ...passed,
      `--session=${id}`,
      ...(prompt === undefined ? [] : ['--', prompt]),
    ])
  }
}

/** Without a prompt the user types in the agent itself, which takes a terminal; the flags of a turn mean nothing there. */
async function openAgent(
  session: SessionFile,
  config: Config,
  {
    config: file,
    given,
    model,
  }: {given: readonly string[]; model?: string | undefined; config?: string | undefined},
): Promise<number> {
  const prompted = `clinvk resume ${shortId(session)}`
  if (!isatty(0) || !isatty(1)) {
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
  const settings = await loadSettings({
    cwd: currentDirectory(),
    env: process.env,
    ...(file === undefined ? {} : {file}),
  })
  const {handOverSession} = await import('../hand-over-session.js')
  return handOverSession(session, {config, settings, model})
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

/** A switch may also have been switched off: `--no-dry-run`. */
function switchOf({flag, input}: {flag: string; input: string}): string {
  return input === `--no-${flag}` ? input : `--${flag}`
}

/** As after Ctrl-C. */
const CANCELLED = 130
