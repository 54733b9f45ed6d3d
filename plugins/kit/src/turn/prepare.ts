import {randomUUID} from 'node:crypto'
import {realpathSync, statSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join, resolve} from 'node:path'
import type {BackendEntry} from '../backends/discover.js'
import {findExecutable, type Executable} from '../backends/find-executable.js'
import type {Backend, Invocation, Refusal, Turn, TurnSession} from '../contract.js'
import {Failure} from '../failure.js'
import type {TurnRequest} from '../request.js'
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
  readonly executable: Executable
  /** Absent when the turn is ephemeral or no plugin keeps sessions. */
  readonly session?: TurnSessionRecord
  /** Lines for the user before the agent runs. */
  readonly notices: readonly string[]
  /** Milliseconds. */
  readonly timeout?: number
  readonly idleTimeout?: number
}

/**
 * Resolves a request into a turn: session, backend, directory, options, plan.
 * Throws a Failure when it cannot be done as asked; then nothing has happened.
 */
export async function prepareTurn(request: TurnRequest, context: TurnContext): Promise<PreparedTurn> {
  checkPrompt(request.prompt)
  const session = await sessionOf(request, context)
  const entry = backendOf(
    session?.continues?.backend ?? request.backend ?? context.settings.default_backend,
    context,
  )
  const cwd = workingDir(request, session, context.cwd)
  const {notices, timeout, ...options} = turnOptions(request, entry, context.settings, context.cwd)
  const turn: Turn = {prompt: request.prompt, cwd, session: turnSession(request, session), ...options}

  const refused = await context.hooks.guard({
    prompt: turn.prompt,
    backend: entry.name,
    workingDir: cwd,
    approval: turn.approval,
    sandbox: turn.sandbox,
    ...(turn.model === undefined ? {} : {model: turn.model}),
    ...(session === undefined ? {} : {sessionId: session.id}),
  })
  if (refused) throw new Failure('refused', `${refused.plugin} refused this turn: ${refused.message}`)

  const executable =
    findExecutable(entry, context.env) ?? (request.dryRun ? bareName(entry) : notInstalled(entry))
  const byDescriptor = refusalByDescriptor(entry.descriptor, turn)
  if (byDescriptor) throw refusalFailure(byDescriptor)
  const backend = await entry.load()
  const plan = backend.plan(turn, {
    platform: process.platform,
    isRoot: process.getuid?.() === 0,
    env: context.env,
    scratch: join(tmpdir(), `clinvk-${randomUUID()}`),
  })
  if (plan.kind === 'refusal') throw refusalFailure(plan)

  return {
    turn,
    entry,
    backend,
    invocation: plan,
    executable,
    notices: [...(session?.notices ?? []), ...notices, ...(plan.notices ?? [])],
    ...(session === undefined ? {} : {session}),
    ...(timeout === undefined ? {} : {timeout}),
    ...(request.idleTimeout === undefined ? {} : {idleTimeout: request.idleTimeout}),
  }
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
  if (asked.kind === 'ephemeral') return {kind: 'ephemeral', id: randomUUID()}
  if (!session?.continues) return {kind: 'new', id: randomUUID()}
  const {backendSessionId, state} = session.continues
  return {kind: 'resume', id: backendSessionId, ...(state === undefined ? {} : {state})}
}

function bareName({descriptor}: BackendEntry): Executable {
  return {file: descriptor.executable, leading: []}
}

/** Throws the Failure for an agent whose program is not there. */
export function notInstalled({descriptor}: Pick<BackendEntry, 'descriptor'>): never {
  throw new Failure(
    'unavailable',
    `${descriptor.title} is not installed: there is no ${descriptor.executable} in PATH.`,
    [`Install it: ${descriptor.install}`, 'Or try clinvk without any agent: clinvk -b echo "hello"'],
  )
}

export function refusalFailure({option, reason, instead}: Refusal): Failure {
  return new Failure('refused', `${option} is refused: ${reason}.`, instead === undefined ? [] : [instead])
}
