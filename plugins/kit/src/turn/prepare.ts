import {tmpdir} from 'node:os'
import {join} from 'node:path'
import type {BackendEntry} from '../backends/discover.js'
import {findExecutable, type Executable, notInstalled} from '../backends/find-executable.js'
import type {Backend, Invocation, Reader, Turn, TurnSession} from 'clinvk-contract'
import {Failure} from '../errors/failure.js'
import {randomUuid} from '../format/random-id.js'
import {nearest} from '../format/text.js'
import type {TurnRequest} from './request.js'
import type {Settings} from '../settings/settings.js'
import type {TurnContext, TurnSessionRecord} from './context.js'
import {refusalByDescriptor, refusalFailure} from './refuse.js'
import {resolveOptions, type TurnLimits, workingDirectory} from './resolve-options.js'

/** A turn that is ready to start. Nothing has been written yet. */
export interface PreparedTurn {
  readonly turn: Turn
  readonly entry: BackendEntry
  readonly backend: Backend
  readonly invocation: Invocation
  readonly reader: Reader
  readonly stopSignal: NodeJS.Signals
  readonly executable: Executable
  /** Absent when the turn is ephemeral or no plugin keeps sessions. */
  readonly session?: TurnSessionRecord
  /** Lines for the user before the agent runs. */
  readonly notices: readonly string[]
  readonly limits: TurnLimits
  /** Print the command, and pass on the agent's standard error. */
  readonly verbose: boolean
}

/**
 * Resolves a request into a turn: session, backend, directory, options, plan.
 * Throws a Failure when it cannot be done as asked; then nothing has happened.
 */
export async function prepareTurn(request: TurnRequest, context: TurnContext): Promise<PreparedTurn> {
  checkPrompt(request.prompt)
  const session = await sessionOf(request, context)
  const prepared = await planTurn(request, context, session)
  await askGuards(prepared, context)
  return prepared
}

/** The same without asking plugins: whether a turn could run, before its session and its whole prompt are known. */
export async function planTurn(
  request: TurnRequest,
  context: TurnContext,
  session?: TurnSessionRecord,
): Promise<PreparedTurn> {
  checkPrompt(request.prompt)
  const resumed = session?.continues
  const settings = resumed ? await context.settingsIn(resumed.workingDir) : context.settings
  const {backends, env} = context
  const entry = backendOf(resumed?.backend ?? request.backend ?? settings.default_backend, {
    backends,
    settings,
  })
  const cwd = workingDirectory(request.workdir, resumed?.workingDir, context.cwd)
  const {limits, notices, turn: options} = resolveOptions(request, entry, settings, context.cwd)
  const turn: Turn = {...options, prompt: request.prompt, cwd, session: turnSession(request, session)}

  const executable = findExecutable(entry, env) ?? (isDryRun(request, settings) ? bareName(entry) : undefined)
  if (executable === undefined) throw notInstalled(entry, context)

  const refusal = refusalByDescriptor(entry.descriptor, turn)
  if (refusal) throw refusalFailure(refusal, request)
  const backend = await entry.load()
  const plan = backend.plan(turn, {
    platform: process.platform,
    isRoot: process.getuid?.() === 0,
    env,
    scratch: join(tmpdir(), `clinvk-${randomUuid()}`),
  })
  if (plan.kind === 'refusal') throw refusalFailure(plan, request)

  return {
    turn,
    entry,
    backend,
    invocation: plan,
    // Created before anything starts: a backend that fails here has started nothing.
    reader: backend.reader(turn),
    stopSignal: backend.stopSignal?.(turn) ?? 'SIGINT',
    executable,
    session,
    limits,
    notices: [...(session?.notices ?? []), ...notices, ...(plan.notices ?? [])],
    verbose: request.verbose ?? settings.unified_flags.verbose,
  }
}

/** The flag wins over the settings, also as `--no-dry-run`. */
export function isDryRun({dryRun}: TurnRequest, {unified_flags: unified}: Settings): boolean {
  return dryRun ?? unified.dry_run
}

function checkPrompt(prompt: string): void {
  if (prompt.trim() === '')
    throw new Failure('usage', 'The prompt is empty.', ['Try: clinvk "fix the bug in auth.go"'])
  if (prompt.includes('\0')) {
    throw new Failure('usage', 'The prompt contains a NUL byte.', ['Is it a binary file?'])
  }
}

async function sessionOf(
  request: TurnRequest,
  {cwd, env, hooks, settings}: TurnContext,
): Promise<TurnSessionRecord | undefined> {
  if (request.session.kind === 'ephemeral') return undefined
  const answer = await hooks.session({request, settings, cwd, env})
  if (answer === undefined) {
    if (request.session.kind === 'new') return undefined
    throw new Failure('session', 'No plugin keeps sessions, so there is none to continue.')
  }

  if (answer.kind === 'error') throw new Failure(answer.error.kind, answer.error.message, answer.error.hints)
  return answer.session
}

/** The backend of this name. Throws a Failure when there is none, or it is switched off. */
export function backendOf(
  name: string,
  {backends, settings}: Pick<TurnContext, 'backends' | 'settings'>,
): BackendEntry {
  const entry = backends.get(name)
  if (!entry) {
    const known = [...backends.keys()].sort()
    const near = nearest(name, known)
    throw new Failure('unavailable', `Unknown backend "${name}". Available: ${known.join(', ') || 'none'}`, [
      ...(near === undefined ? [] : [`Did you mean: ${near}`]),
      `Try: clinvk plugins install clinvk-backend-${name}`,
      'If it is installed, see what is wrong: clinvk doctor',
    ])
  }

  if (settings.backends[name]?.enabled === false) {
    throw new Failure(
      'unavailable',
      `The backend ${name} is switched off by backends.${name}.enabled in the settings.`,
    )
  }

  return entry
}

async function askGuards({entry, session, turn}: PreparedTurn, {hooks}: TurnContext): Promise<void> {
  const {addDirs, allowedTools, approval, cwd: workingDir, extra, model, prompt, sandbox, systemPrompt} = turn
  const asked = {
    prompt,
    backend: entry.name,
    workingDir,
    addDirs,
    approval,
    sandbox,
    allowedTools,
    extra,
    systemPrompt,
    model,
  }
  const refused = await hooks.guard({...asked, sessionId: session?.id})
  if (refused) throw new Failure('refused', `${refused.plugin} refused this turn: ${refused.message}`)
}

function turnSession({session: asked}: TurnRequest, session: TurnSessionRecord | undefined): TurnSession {
  if (asked.kind === 'ephemeral') return {kind: 'ephemeral', id: randomUuid()}
  if (!session?.continues) return {kind: 'new', id: randomUuid()}
  const {backendSessionId, state} = session.continues
  return {kind: 'resume', id: backendSessionId, state}
}

function bareName({descriptor}: BackendEntry): Executable {
  return {file: descriptor.executable, leading: []}
}
