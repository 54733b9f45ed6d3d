import type {RunRequest, Surroundings} from 'clinvk-kit/for-plugins/kit'
import {parseDuration} from 'clinvk-kit/format/time'
import type {Directories} from './directories.js'
import {ServerFailure} from './errors.js'
import type {ServeSettings} from './settings.js'

/** The fields of a task or a prompt, not checked yet. */
export type Fields = Readonly<Record<string, unknown>>

/** What the user has allowed, against which the fields of requests are checked. */
export interface Limits {
  readonly settings: ServeSettings
  readonly directories: Directories
  lookAround(directory: string): Promise<Surroundings>
}

/**
 * The fields of a turn within the ceilings: what a client asks beyond them is a ServerFailure that names the setting,
 * and where the settings of clinvk say more, the turn gets less. `backend`: that of the session that continues.
 */
export async function within(
  fields: Fields,
  limits: Limits,
  {backend, directory}: {backend?: string; directory?: string} = {},
): Promise<Fields> {
  const {directories} = limits
  const asked = fields.workdir
  const place = isGiven(asked) ? directories.check(asked, 'workdir') : (directory ?? directories.usual)
  const around = await limits.lookAround(place)
  const names = [
    backend ?? text(fields.backend) ?? around.settings.default_backend,
    ...listOf(fields.fallback),
  ]
  return {
    ...optionsWithin(fields, names, around, limits),
    // A session that continues stays in its own directory.
    ...(directory === undefined || isGiven(asked) ? {workdir: place} : {}),
  }
}

/** What holds wherever the turn runs; `names`: the backends that may run it. */
function optionsWithin(
  fields: Fields,
  names: readonly string[],
  around: Surroundings,
  {directories, settings}: Limits,
): Fields {
  checkAllowed(fields, settings)
  const {max_tokens: tokens} = settings
  const canCount = names.every((name) => around.backends.get(name)?.descriptor.capabilities.usageWhileRunning)
  return {
    ...fields,
    ...modesWithin(fields, names, around, settings),
    ...(isGiven(fields.add_dirs)
      ? {add_dirs: listOf(fields.add_dirs).map((path) => directories.check(path, 'add_dirs'))}
      : {}),
    ...(tokens !== undefined && canCount
      ? {max_tokens: Math.min(tokens, Number(fields.max_tokens) || tokens)}
      : {}),
    timeout: shorter(fields.timeout, settings.turn_timeout),
  }
}

export interface AllowedRun {
  readonly request: RunRequest
  /** How many of its tasks run at the same time. */
  readonly places: number
  /** Of the task with this number, from 1 on. */
  readonly fieldsOf: (number: number) => Fields
}

/** The same for each task of a run. */
export async function runWithin(request: RunRequest, limits: Limits): Promise<AllowedRun> {
  const {directories, settings} = limits
  const directory = isGiven(request.directory)
    ? directories.check(request.directory, 'directory')
    : directories.usual
  const around = await limits.lookAround(directory)
  if (request.kind === 'compare') {
    const {backends, options = {}, sequential = false} = request
    const names = backends === 'all' ? [...around.backends.keys()] : backends
    const {workdir, ...own} = options
    const place = isGiven(workdir) ? directories.check(workdir, 'workdir') : directory
    const allowed = optionsWithin(own, names, around, limits)
    return {
      request: {...request, directory: place, options: allowed},
      places: sequential ? 1 : names.length,
      // A copy of a session runs in the session's directory.
      fieldsOf: () => (request.from === undefined ? {...allowed, workdir: place} : allowed),
    }
  }

  const {file, kind} = request
  const key = kind === 'chain' ? 'steps' : 'tasks'
  const whole: Fields = Array.isArray(file) ? {[key]: file as unknown} : isFields(file) ? file : {}
  if (isGiven(whole.output_dir)) throw notAccepted('output_dir')
  const tasks: unknown[] = []
  for (const task of Array.isArray(whole[key]) ? (whole[key] as unknown[]) : []) {
    const fields = typeof task === 'string' ? {prompt: task} : task
    const shared = isFields(fields) && !isGiven(fields.timeout) ? {timeout: whole.timeout} : {}
    tasks.push(isFields(fields) ? await within({...fields, ...shared}, limits, {}) : fields)
  }
  const wanted = Number(whole.max_parallel) || around.settings.parallel.max_workers
  const parallel = Math.max(1, Math.min(wanted, settings.max_turns))
  const allowed = {...whole, [key]: tasks, ...(kind === 'parallel' ? {max_parallel: parallel} : {})}
  return {
    request: {...request, file: allowed, directory},
    places: kind === 'chain' ? 1 : Math.max(1, Math.min(parallel, tasks.length)),
    fieldsOf: (number) => (isFields(tasks[number - 1]) ? (tasks[number - 1] as Fields) : {}),
  }
}

/** What a client may not say at all, unless the user has allowed it. */
function checkAllowed(fields: Fields, {allow}: ServeSettings): void {
  for (const field of ['extra', 'allowed_tools', 'system_prompt'] as const)
    if (isGiven(fields[field]) && !allow.includes(field)) throw notAccepted(field)
  // The path of a file would be read on this machine.
  if (typeof fields.schema === 'string' && !fields.schema.trimStart().startsWith('{'))
    throw new ServerFailure('usage', 'schema must be a JSON Schema.', [], 'usage')
}

function notAccepted(field: string): ServerFailure {
  return new ServerFailure('ceiling', `${field} is not accepted from clients.`, [
    field === 'output_dir'
      ? 'The results are in the answer.'
      : `Allow it: server.allow: [${field}] in config.yaml`,
  ])
}

/** Modes of one agent or several: what was asked, or what their settings say, but no more than the ceiling. */
function modesWithin(
  fields: Fields,
  names: readonly string[],
  {backends, settings}: Surroundings,
  ceilings: ServeSettings,
): Fields {
  const unknown = names.find((name) => !backends.has(name))
  if (unknown !== undefined)
    throw new ServerFailure(
      'backend_unknown',
      `Unknown backend "${unknown}". Available: ${[...backends.keys()].join(', ')}.`,
      ['If it is installed, see what is wrong: clinvk doctor'],
      'unavailable',
    )
  const mode = (
    field: 'approval_mode' | 'sandbox_mode',
    order: readonly string[],
    setting: 'approval' | 'sandbox',
  ) => {
    const ceiling = ceilings[setting]
    const isAbove = (value: string) => order.indexOf(value) > order.indexOf(ceiling)
    const asked = fields[field]
    if (isGiven(asked)) {
      if (typeof asked === 'string' && isAbove(asked))
        throw new ServerFailure(
          'ceiling',
          `${field} ${asked} is more than clients may ask for: ${ceiling}.`,
          [`Allow it: clinvk config set server.${setting} ${asked}`],
        )
      return asked
    }

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
  return {
    approval_mode: mode('approval_mode', APPROVALS, 'approval'),
    sandbox_mode: mode('sandbox_mode', SANDBOXES, 'sandbox'),
  }
}

function shorter(asked: unknown, limit: number): string {
  const ms = typeof asked === 'string' || typeof asked === 'number' ? parseDuration(String(asked)) : undefined
  return `${ms ? Math.min(ms, limit) : limit}ms`
}

function listOf(value: unknown): string[] {
  return (Array.isArray(value) ? value : isGiven(value) ? [value] : []).filter(
    (one) => typeof one === 'string',
  )
}

/** Programs also write null, an empty text or an empty list for what is not there. */
function isGiven(value: unknown): boolean {
  return (
    value !== undefined && value !== null && value !== '' && !(Array.isArray(value) && value.length === 0)
  )
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** From the strictest on. `default` is what the agent's own settings say, which the user has made. */
const APPROVALS = ['always', 'none', 'default', 'auto']
const SANDBOXES = ['read-only', 'default', 'workspace', 'full']
