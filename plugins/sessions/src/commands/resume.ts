import {realpathSync} from 'node:fs'
import {Args, Command, Flags} from '@oclif/core'
import {currentDirectory} from 'clinvk-kit/current-directory'
import {Failure} from 'clinvk-kit/failure'
import {turnFlags, withSafeExtra} from 'clinvk-kit/flags'
import {resolveSession} from '../resolve.js'
import {shortId} from '../short-id.js'
import {isResumable} from '../status.js'
import {SessionStore} from '../store.js'

const {backend, ...shared} = turnFlags

/** Chooses a session, then runs `prompt --session <id>`: only `prompt` runs turns. */
export default class Resume extends Command {
  static override summary = 'Go on with a session.'
  static override examples = [
    '<%= config.bin %> resume --last "add error handling"',
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
    here: Flags.boolean({description: 'Only sessions of the current directory.', helpGroup: 'SESSION'}),
  }

  async run(): Promise<void> {
    const {args, flags, raw} = await this.parse(Resume, withSafeExtra(this.argv))
    refuseUnfit(flags)
    const {id, prompt} = choose(args, flags)
    if (prompt === undefined && flags.file === undefined) {
      throw new Failure('usage', 'There is no prompt.', [
        `Try: clinvk resume ${shortId({id})} "continue with the tests"`,
      ])
    }

    const passed = raw.flatMap((token) =>
      token.type === 'flag' && !OWN.has(token.flag)
        ? [`--${token.flag}${isSwitch(token.flag) ? '' : `=${token.input}`}`]
        : [],
    )
    await this.config.runCommand('prompt', [
      ...passed,
      `--session=${id}`,
      ...(prompt === undefined ? [] : ['--', prompt]),
    ])
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

interface Filters {
  last: boolean
  here: boolean
  backend?: string | undefined
}

function choose(
  args: {id?: string | undefined; prompt?: string | undefined},
  {backend, here, last}: Filters,
) {
  const {sessions} = new SessionStore(process.env).all()
  if (!last) {
    if (args.id !== undefined) {
      const {backend: belongsTo, id} = resolveSession(args.id, sessions)
      if (backend === undefined || backend === belongsTo) return {id, prompt: args.prompt}
      throw new Failure('usage', `Session ${shortId({id})} belongs to ${belongsTo}, not to ${backend}.`, [
        `Leave out --backend, or start a new session: clinvk -b ${backend} "…"`,
      ])
    }

    throw new Failure('usage', 'Say which session.', [
      'The last one: clinvk resume --last "…"',
      'Another one: clinvk sessions list, then clinvk resume ID "…"',
    ])
  }

  if (args.prompt !== undefined) {
    throw new Failure('usage', 'With --last the only argument is the prompt.', [
      `Try: clinvk resume ${args.id!} "…"`,
    ])
  }

  const directory = here ? realpathSync(currentDirectory()) : undefined
  const found = sessions.find(
    (session) =>
      isResumable(session) &&
      (backend === undefined || session.backend === backend) &&
      (directory === undefined || session.working_dir === directory),
  )
  if (found) return {id: found.id, prompt: args.id}
  const which = backend === undefined ? '' : ` of ${backend}`
  throw new Failure('session', `There is no session${which}${here ? ' in this directory' : ''} to resume.`, [
    'See: clinvk sessions list',
  ])
}

/** Flags that choose the session; all others are those of the turn. */
const OWN = new Set(['last', 'backend', 'here'])

function isSwitch(name: string): boolean {
  return (shared as Record<string, {type: string} | undefined>)[name]?.type === 'boolean'
}
