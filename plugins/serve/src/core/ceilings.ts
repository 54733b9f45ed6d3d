import type {Kit, RunRequest, Surroundings} from 'clinvk-kit/for-plugins/kit'
import {Failure} from 'clinvk-kit/errors/failure'
import {parseDuration} from 'clinvk-kit/format/time'
import {Directories} from './directories.js'
import {ServerFailure} from './errors.js'
import type {ServeSettings} from './settings.js'

type Fields = Readonly<Record<string, unknown>>

export type ClientRun =
  | Omit<Extract<RunRequest, {kind: 'compare'}>, 'directory'>
  /** `file`: what a run file has beside its tasks. */
  | {readonly kind: 'parallel' | 'chain'; readonly tasks: readonly Fields[]; readonly file: Fields}

interface AllowedTurn {
  readonly fields: Fields
  /**
   * Its directories, for `Directories.checkAgain` just before the agent starts: a turn may have waited for long, and a link
   * may have been put in the place of one.
   */
  readonly uses: readonly string[]
}

interface AllowedRun {
  readonly request: RunRequest
  /** How many of its tasks run at the same time. */
  readonly slots: number
  /** As above, of the task with this number, from 1 on. */
  readonly uses: (task: number) => readonly string[]
}

/**
 * What the user has allowed clients. What they ask beyond it is a ServerFailure that names the setting; where the settings
 * of clinvk say more, the turn gets less.
 */
export class Ceilings {
  readonly directories: Directories
  readonly #settings: ServeSettings
  readonly #kit: Kit

  /** `cwd`: where the server was started. */
  constructor(settings: ServeSettings, kit: Kit, cwd: string) {
    this.directories = new Directories(settings, cwd)
    this.#settings = settings
    this.#kit = kit
  }

  /** A prompt or a task. `session`: the one that it continues. */
  async turn(fields: Fields, session?: {backend: string; directory: string}): Promise<AllowedTurn> {
    const {directories} = this
    const isElsewhere = isGiven(fields.workdir)
    const directory = isElsewhere
      ? directories.check(fields.workdir, 'workdir')
      : (session?.directory ?? directories.usual)
    const around = await this.#kit.lookAround(directory)
    const [backend = session?.backend ?? around.settings.default_backend] = listOf(fields.backend)
    const allowed = this.#options(fields, [backend, ...listOf(fields.fallback)], around, directory)
    // A session that continues stays in its own directory.
    if (session && !isElsewhere) return allowed
    return {...allowed, fields: {...allowed.fields, workdir: directory}}
  }

  async run(request: ClientRun): Promise<AllowedRun> {
    const {directories} = this
    if (request.kind === 'compare') {
      const {backends, options: {workdir, ...options} = {}, sequential = false} = request
      const directory = isGiven(workdir) ? directories.check(workdir, 'workdir') : directories.usual
      const around = await this.#kit.lookAround(directory)
      const names = backends === 'all' ? [...around.backends.keys()] : backends
      const {fields, uses} = this.#options(options, names, around, directory)
      const slots = sequential ? 1 : names.length
      return {request: {...request, directory, options: fields}, slots, uses: () => uses}
    }

    const {file, kind} = request
    const directory = directories.usual
    const {settings} = await this.#kit.lookAround(directory)
    const tasks = await Promise.all(
      request.tasks.map((task) => this.turn(isGiven(task.timeout) ? task : {...task, timeout: file.timeout})),
    )
    const all = tasks.map(({fields}) => fields)
    const wanted = Number(file.max_parallel) || settings.parallel.max_workers
    const parallel = Math.max(1, Math.min(wanted, this.#settings.max_turns))
    const whole = kind === 'chain' ? {...file, steps: all} : {...file, tasks: all, max_parallel: parallel}
    return {
      request: {kind, file: whole, directory},
      slots: kind === 'chain' ? 1 : Math.min(parallel, tasks.length),
      uses: (task) => tasks[task - 1]!.uses,
    }
  }

  /** What holds wherever the turn runs; `names`: the backends that may run it. */
  #options(fields: Fields, names: readonly string[], around: Surroundings, directory: string): AllowedTurn {
    const {directories} = this
    const {allow, max_tokens: tokens, turn_timeout: limit} = this.#settings
    for (const field of ['extra', 'allowed_tools', 'system_prompt'] as const)
      if (isGiven(fields[field]) && !allow.includes(field))
        throw new ServerFailure('ceiling', `${field} is not accepted from clients.`, [
          `Allow it: server.allow: [${field}] in config.yaml`,
        ])
    // The path of a file would be read on this machine.
    if (typeof fields.schema === 'string' && !fields.schema.trimStart().startsWith('{'))
      throw new Failure('usage', 'schema must be a JSON Schema.')
    const more = listOf(fields.add_dirs).map((path) => directories.check(path, 'add_dirs'))
    const canCount = names.every(
      (name) => around.backends.get(name)?.descriptor.capabilities.usageWhileRunning,
    )
    const {timeout} = fields
    const asked =
      typeof timeout === 'string' || typeof timeout === 'number' ? parseDuration(String(timeout)) : undefined
    return {
      fields: {
        ...fields,
        ...this.#modes(fields, names, around),
        ...(more.length > 0 && {add_dirs: more}),
        ...(tokens !== undefined &&
          canCount && {max_tokens: Math.min(tokens, Number(fields.max_tokens) || tokens)}),
        timeout: `${Math.min(asked || limit, limit)}ms`,
      },
      uses: [directory, ...more],
    }
  }

  /** Modes of one agent or several: what was asked, or what their settings say, but no more than the ceiling. */
  #modes(fields: Fields, names: readonly string[], {backends, settings}: Surroundings): Fields {
    const unknown = names.find((name) => !backends.has(name))
    if (unknown !== undefined)
      throw new ServerFailure(
        'backend_unknown',
        `Unknown backend "${unknown}". Available: ${[...backends.keys()].join(', ')}.`,
        ['If it is installed, see what is wrong: clinvk doctor'],
      )
    const mode = (setting: 'approval' | 'sandbox') => {
      const field = `${setting}_mode` as const
      const order: readonly string[] = MODES[setting]
      const ceiling = this.#settings[setting]
      const isAbove = (value: string) => order.indexOf(value) > order.indexOf(ceiling)
      const asked = fields[field]
      if (typeof asked === 'string' && isAbove(asked))
        throw new ServerFailure(
          'ceiling',
          `${field} ${asked} is not allowed: clients may ask for ${ceiling} at most.`,
          [`Allow it: clinvk config set server.${setting} ${asked}`],
        )
      if (isGiven(asked)) return asked
      const values = names.map((name) => {
        const value = settings.backends[name]?.[field] ?? settings.unified_flags[field]
        if (!isAbove(value)) return value
        // An agent without the mode `workspace` decides by its own settings.
        const {sandbox = []} = backends.get(name)?.descriptor.capabilities ?? {}
        return setting === 'sandbox' && ceiling === 'workspace' && !sandbox.includes('workspace')
          ? 'default'
          : ceiling
      })
      return values.reduce((a, b) => (order.indexOf(a) <= order.indexOf(b) ? a : b))
    }
    return {approval_mode: mode('approval'), sandbox_mode: mode('sandbox')}
  }
}

function listOf(value: unknown): string[] {
  const list: unknown[] = Array.isArray(value) ? value : isGiven(value) ? [value] : []
  return list.filter((one) => typeof one === 'string')
}

/** Programs also write null, an empty text or an empty list for what is not there. */
function isGiven(value: unknown): boolean {
  return (
    value !== undefined && value !== null && value !== '' && !(Array.isArray(value) && value.length === 0)
  )
}

/** From the strictest on. `default` is what the agent's own settings say, which the user has made. */
const MODES = {
  approval: ['always', 'none', 'default', 'auto'],
  sandbox: ['read-only', 'default', 'workspace', 'full'],
}
