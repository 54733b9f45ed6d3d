import {realpathSync, statSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join, resolve} from 'node:path'
import type {BackendEntry} from '../backends/discover.js'
import {findExecutable, type Executable} from '../backends/find-executable.js'
import {notInstalled} from '../backends/not-installed.js'
import type {Backend, Invocation, Reader, Refusal, Turn, TurnSession} from 'clinvk-contract'
import {Failure} from '../failure.js'
import {randomUuid} from '../random-id.js'
import type {TurnRequest} from '../request.js'
import type {Settings} from '../settings/settings.js'
import type {TurnContext} from './context.js'
import type {TurnSessionRecord} from './hooks.js'
import {refusalByDescriptor} from './refuse.js'
import {turnOptions} from './turn-options.js'

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
  /** Milliseconds. */
  readonly timeout?: number
  readonly idleTimeout?: number
  /** The most tokens of the turn. */
  readonly maxTokens?: number
  /** Say what is run, and pass on the agent's standard error. */
  readonly verbose: boolean
}

/**
 * Resolves a request into a turn: session, backend, directory, options, plan.
 * Throws a Failure when it cannot be done as asked; then nothing has happened.
 */
export async function prepareTurn(request: TurnRequest, context: TurnContext): Promise<PreparedTurn> {
  checkPrompt(request.prompt)
  const session = await sessionOf(request, context)
  const settings = session?.continues
    ? await context.settingsIn(session.continues.workingDir)
    : context.settings
  const entry = backendOf(session?.continues?.backend ?? request.backend ?? settings.default_backend, {
    backends: context.backends,
    settings,
  })
  const cwd = workingDir(request, session, context.cwd)
  const {maxTokens, notices, timeout, ...options} = turnOptions(request, entry, settings, context.cwd)
  const turn: Turn = {prompt: request.prompt, cwd, session: turnSession(request, session), ...options}

  const refused = await context.hooks.guard({
    prompt: turn.prompt,
    backend: entry.name,
    workingDir: cwd,
    addDirs: turn.addDirs,
    approval: turn.approval,
    sandbox: turn.sandbox,
    allowedTools: turn.allowedTools,
    extra: turn.extra,
    ...(turn.systemPrompt === undefined ? {} : {systemPrompt: turn.systemPrompt}),
    ...(turn.model === undefined ? {} : {model: turn.model}),
    ...(session === undefined ? {} : {sessionId: session.id}),
  })
  if (refused) throw new Failure('refused', `${refused.plugin} refused this turn: ${refused.message}`)

  const executable =
    findExecutable(entry, context.env) ?? (isDryRun(request, settings) ? bareName(entry) : undefined)
  if (executable === undefined) throw notInstalled(entry, context)
  const byDescriptor = refusalByDescriptor(entry.descriptor, turn)
  if (byDescriptor) throw refusalFailure(byDescriptor, request)
  const backend = await entry.load()
  const plan = backend.plan(turn, {
    platform: process.platform,
    isRoot: process.getuid?.() === 0,
    env: context.env,
    scratch: join(tmpdir(), `clinvk-${randomUuid()}`),
  })
  if (plan.kind === 'refusal') throw refusalFailure(plan, request)

  return {
    turn,
    entry,
    backend,
    invocation: plan,
    // Asked before anything starts: a backend that fails here has started nothing.
    reader: backend.reader(turn),
    stopSignal: backend.stopSignal?.(turn) ?? 'SIGINT',
    executable,
    notices: [...(session?.notices ?? []), ...notices, ...(plan.notices ?? [])],
    ...(session === undefined ? {} : {session}),
    verbose: request.verbose ?? settings.unified_flags.verbose,
    ...(timeout === undefined ? {} : {timeout}),
    ...(maxTokens === undefined ? {} : {maxTokens}),
    ...(request.idleTimeout === undefined ? {} : {idleTimeout: request.idleTimeout}),
  }
}

/** A boolean flag that was not given says nothing against the settings. */
export function isDryRun({dryRun}: TurnRequest, {unified_flags: unified}: Settings): boolean {
  return dryRun ?? unified.dry_run
}

function checkPrompt(prompt: string): void {
  if (prompt.trim() === '')
    throw new Failure('usage', 'The prompt is empty.', ['Try: clinvk "fix the bug in auth.go"'])
  if (prompt.includes('\0')) {
    throw new Failure('usage', 'The prompt holds a NUL character, which no agent takes.', [
      'Is it a binary file?',
    ])
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
    throw new Failure('unavailable', `There is no backend named ${name}.`, [
      `Installed: ${[...backends.keys()].sort().join(', ') || 'none'}`,
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

function workingDir(request: TurnRequest, session: TurnSessionRecord | undefined, cwd: string): string {
  const asked = request.workdir === undefined ? undefined : resolve(cwd, request.workdir)
  const kept = session?.continues?.workingDir
  if (kept === undefined) return existingDirectory(asked ?? cwd) ?? missing(asked ?? cwd)
  const real = directoryOfSession(kept)
  if (asked !== undefined && (existingDirectory(asked) ?? missing(asked)) !== real) {
    throw new Failure('usage', `This session belongs to ${kept}; it cannot go on in ${asked}.`, [
      'Leave out --workdir, or start a new session there.',
    ])
  }

  return real
}

/** The real path of the directory that a session belongs to. Throws a Failure when it is gone. */
export function directoryOfSession(kept: string): string {
  const real = existingDirectory(kept)
  if (real !== undefined) return real
  throw new Failure('session', `The directory of this session is gone: ${kept}`, [
    'Make it again, or start a new session where you are.',
  ])
}

function existingDirectory(path: string): string | undefined {
  return statSync(path, {throwIfNoEntry: false})?.isDirectory() ? realpathSync(path) : undefined
}

function missing(path: string): never {
  throw new Failure('usage', `There is no directory ${path}`)
}

function turnSession({session: asked}: TurnRequest, session: TurnSessionRecord | undefined): TurnSession {
  if (asked.kind === 'ephemeral') return {kind: 'ephemeral', id: randomUuid()}
  if (!session?.continues) return {kind: 'new', id: randomUuid()}
  const {backendSessionId, state} = session.continues
  return {kind: 'resume', id: backendSessionId, ...(state === undefined ? {} : {state})}
}

function bareName({descriptor}: BackendEntry): Executable {
  return {file: descriptor.executable, leading: []}
}

/** The Failure for what a backend cannot honour; `request` is what the user typed. */
export function refusalFailure({option, reason, instead}: Refusal, request?: TurnRequest): Failure {
  return new Failure('refused', `${option} is refused: ${reason}.`, [
    ...(instead === undefined ? [] : [instead]),
    ...(request && comesFromSettings(option, request)
      ? ['What was not typed comes from the settings: clinvk config show']
      : []),
  ])
}

/** Whether an option was refused that the user has not typed: a message that names it as if would puzzle. */
function comesFromSettings(option: string, request: TurnRequest): boolean {
  const {allowedTools, approval, extra, maxTurns, sandbox, systemPrompt} = request
  const typed: Record<string, boolean> = {
    '--approval-mode': approval !== undefined,
    '--sandbox-mode': sandbox !== undefined,
    '--allowed-tools': allowedTools.length > 0,
    '--system-prompt': systemPrompt !== undefined,
    '--max-turns': maxTurns !== undefined,
    '--extra': extra.length > 0,
  }
  return Object.entries(typed).some(([flag, isTyped]) => !isTyped && option.includes(flag))
}
