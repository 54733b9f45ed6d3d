import {tmpdir} from 'node:os'
import {join} from 'node:path'
import type {Backend, Invocation, Reader, Turn, TurnSession} from 'clinvk-contract'
import {type BackendEntry, unknownBackend} from '../backends/discover.js'
import {findExecutable, notInstalled, type Executable} from '../backends/find-executable.js'
import {Failure} from '../errors/failure.js'
import {randomUuid} from '../format/random-id.js'
import type {Settings} from '../settings/settings.js'
import type {AnswerSchema} from './answer-schema.js'
import type {HandOff, TurnContext, TurnSessionRecord} from './context.js'
import type {Fallback} from './fallback.js'
import {refusalByDescriptor, refusalFailure} from './refuse.js'
import type {TurnRequest} from './request.js'
import {resolveOptions, type TurnLimits, workingDirectory} from './resolve-options.js'
import type {SessionTurn} from './session-turn.js'

/** A turn that is ready to start. Nothing has been written yet. */
export interface PreparedTurn {
  /** As it is kept with an unanswered prompt: in front of the prompt of `turn` may stand what was said in another conversation. */
  readonly request: TurnRequest
  readonly context: TurnContext
  readonly turn: Turn
  readonly entry: BackendEntry
  readonly backend: Backend
  readonly invocation: Invocation
  readonly reader: Reader
  readonly stopSignal: NodeJS.Signals
  readonly executable: Executable
  /** Absent when the turn is ephemeral or no plugin keeps sessions. */
  readonly session?: TurnSessionRecord
  /** What is written before the agent starts, where it continues a conversation that it has not had. */
  readonly handOff?: HandOff
  /** Who else may take the prompt. */
  readonly fallback?: Fallback
  readonly notices: readonly string[]
  readonly limits: TurnLimits
  /** What the answer must fit. */
  readonly schema?: AnswerSchema
  /** Print the command, and pass on the agent's standard error. */
  readonly verbose: boolean
}

/**
 * Resolves a request into a turn: session, backend, directory, options, plan. With `--fallback` the turn is that of the
 * first backend whose program is there. Throws a Failure when it cannot be done as asked, by each backend; then nothing
 * has happened.
 */
export function prepareTurn(request: TurnRequest, context: TurnContext): Promise<PreparedTurn> {
  return withFallback(request, context, prepareOne)
}

/** The same without asking plugins: whether a turn could run, before its session and its whole prompt are known. */
export function planTurn(request: TurnRequest, context: TurnContext): Promise<PreparedTurn> {
  return withFallback(request, context, planOne)
}

async function withFallback(request: TurnRequest, context: TurnContext, prepare: typeof prepareOne) {
  if (request.fallback.length === 0) return prepare(request, context)
  const {prepareFirst} = await import('./fallback.js')
  return prepareFirst(request, context, prepare)
}

async function prepareOne(request: TurnRequest, context: TurnContext): Promise<PreparedTurn> {
  checkPrompt(request.prompt)
  let asked: SessionTurn = {request, session: await sessionOf(request, context)}
  if (asked.session?.continues?.unconfirmed) {
    const {resumeOrRestart} = await import('./session-turn.js')
    asked = await resumeOrRestart(request, asked.session, context)
  }

  const {prompt} = asked.request
  const {continues, forks} = asked.session ?? {}
  // With an id it has its copy.
  if (asked.session && forks && continues?.backendSessionId === undefined) {
    const {forkTurn} = await import('./session-turn.js')
    asked = await forkTurn(asked.request, asked.session, forks, context)
  }

  const planned = await planOne(asked.request, context, asked.session)
  const prepared = {...planned, handOff: asked.handOff, request: {...planned.request, prompt}}
  const {cwd: workingDir, maxCost, maxTurns, options, schema, session: conversation, ...parts} = prepared.turn
  const sessionId = asked.session?.id
  const question = {...parts, backend: prepared.entry.name, workingDir, sessionId}
  const refused = await context.hooks.guard(question)
  if (refused) throw new Failure('refused', `${refused.plugin} refused this turn: ${refused.message}`)
  return prepared
}

/** Whether the backend of a request can do what is asked; says nothing about others. */
export async function planOne(
  request: TurnRequest,
  context: TurnContext,
  session?: TurnSessionRecord,
): Promise<PreparedTurn> {
  checkPrompt(request.prompt)
  const {backends, env} = context
  const resumed = session?.continues
  const settings = resumed ? await context.settingsIn(resumed.workingDir) : context.settings
  const name = resumed?.backend ?? request.backend ?? settings.default_backend
  const source = resumed ? 'this session' : request.backend ? undefined : 'the setting default_backend'
  const entry = backendOf(name, {backends, settings}, source)
  const owner = session && resumed && {id: session.id, directory: resumed.workingDir}
  const cwd = workingDirectory(request.workdir, owner, context.cwd)
  const {limits, notices, turn: options} = resolveOptions(request, entry, settings, context.cwd)
  const plain: Turn = {...options, prompt: request.prompt, cwd, session: conversationOf(request, session)}

  const bareName = isDryRun(request, settings) ? {file: entry.descriptor.executable, leading: []} : undefined
  const executable = findExecutable(entry, env) ?? bareName
  if (executable === undefined) throw notInstalled(entry, context)

  const refusal = refusalByDescriptor(entry.descriptor, plain)
  if (refusal) throw refusalFailure(refusal, {request, settings, backend: name})
  const backend = await entry.load()
  const scratch = join(tmpdir(), `clinvk-${randomUuid()}`)
  const host = {platform: process.platform, isRoot: process.getuid?.() === 0, env, scratch}
  const plan = (turn: Turn) => backend.plan(turn, host)
  const {invocation, schema, turn} =
    request.schema === undefined
      ? {turn: plain, invocation: plan(plain), schema: undefined}
      : await (
          await import('./answer-schema.js')
        ).planBySchema(request.schema, plain, context.cwd, entry, plan)
  if (invocation.kind === 'refusal') throw refusalFailure(invocation, {request, settings, backend: name})

  return {
    request,
    context,
    turn,
    entry,
    backend,
    invocation,
    // Created before anything starts: a backend that fails here has started nothing.
    reader: backend.reader(turn),
    stopSignal: backend.stopSignal?.(turn) ?? 'SIGINT',
    executable,
    session,
    limits,
    schema,
    notices: [...(session?.notices ?? []), ...notices, ...(invocation.notices ?? [])],
    verbose: request.verbose ?? settings.unified_flags.verbose,
  }
}

/** The flag wins over the settings, also as `--no-dry-run`. */
export function isDryRun({dryRun}: TurnRequest, {unified_flags: unified}: Settings): boolean {
  return dryRun ?? unified.dry_run
}

/** The backend of this name. Throws a Failure when there is none, or it is disabled. */
export function backendOf(
  name: string,
  {backends, settings}: Pick<TurnContext, 'backends' | 'settings'>,
  source?: Parameters<typeof unknownBackend>[2],
): BackendEntry {
  const entry = backends.get(name)
  if (!entry) throw unknownBackend(name, backends, source)
  if (settings.backends[name]?.enabled !== false) return entry
  const message = `The backend ${name} is switched off by backends.${name}.enabled in the settings.`
  throw new Failure('unavailable', message, ['Where it is set: clinvk config show'])
}

function checkPrompt(prompt: string): void {
  if (prompt.trim() === '')
    throw new Failure('usage', 'The prompt is empty.', ['Try: clinvk "fix the bug in auth.go"'])
  if (prompt.includes('\0'))
    throw new Failure('usage', 'The prompt contains a NUL byte.', ['Is it a binary file?'])
}

/** The session that a request means; nothing is written yet. Throws a Failure. */
export async function sessionOf(
  request: TurnRequest,
  {cwd, env, hooks, settings}: TurnContext,
): Promise<TurnSessionRecord | undefined> {
  const {kind} = request.session
  if (kind === 'ephemeral') return undefined
  const session = await hooks.session({request, settings, cwd, env})
  if (session || kind === 'new') return session
  throw new Failure('session', 'No plugin keeps sessions, so there is none to continue.')
}

function conversationOf({session: {kind}}: TurnRequest, session: TurnSessionRecord | undefined): TurnSession {
  if (kind === 'ephemeral' || session?.continues?.backendSessionId === undefined)
    return {kind: kind === 'ephemeral' ? kind : 'new', id: randomUuid()}
  const {backendSessionId: id, isFork, state} = session.continues
  return isFork ? {kind: 'fork', id, copy: randomUuid(), state} : {kind: 'resume', id, state}
}
