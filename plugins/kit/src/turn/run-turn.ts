import {randomUUID} from 'node:crypto'
import {mkdir, rm, writeFile} from 'node:fs/promises'
import {dirname} from 'node:path'
import type {BackendEvent, Usage, Verdict} from '../contract.js'
import {Failure, isFailure} from '../failure.js'
import {formatNumber} from '../format/number.js'
import {exitCode, outcomeOf, type FailureKind} from '../outcome.js'
import {startAgent, type AgentProcess} from '../process/start-agent.js'
import {agentFiles} from './agent-files.js'
import type {TurnContext} from './context.js'
import {execute, type Execution} from './execute.js'
import type {TurnSessionRecord} from './hooks.js'
import type {Interrupts} from './interrupts.js'
import type {PreparedTurn} from './prepare.js'
import type {TurnError, TurnResult} from './result.js'

/**
 * Runs a prepared turn to its end and tells output, session and listeners.
 * Throws a Failure only when the agent did not start; whatever happens after
 * that is in the result.
 */
export async function runTurn(
  prepared: PreparedTurn,
  context: TurnContext,
  interrupts: Interrupts,
): Promise<TurnResult> {
  const {entry, turn} = prepared
  const {hooks, output} = context
  const started = Date.now()
  for (const notice of prepared.notices) output.notice(notice)

  const session = await beginSession(prepared, output.notice.bind(output))
  const sessionId = session?.record.id
  await hooks.tell({
    event: 'turn:start',
    backend: entry.name,
    workingDir: turn.cwd,
    prompt: turn.prompt,
    ...(sessionId === undefined ? {} : {sessionId}),
  })

  const seen = new Seen(output.needsContent)
  const onEvent = async (event: BackendEvent) => {
    if (event.type === 'finished') return
    if (event.type === 'state') return session?.save({state: event.state})
    if (event.type === 'session') {
      if (seen.backendSessionId !== undefined) return
      // Another conversation than the one asked for ends the turn (`execute`); the session keeps its own.
      const isOther = turn.session.kind === 'resume' && turn.session.id !== event.backend_session_id
      if (!isOther) {
        await session?.save({
          backendSessionId: event.backend_session_id,
          ...(event.model === undefined ? {} : {model: event.model}),
        })
      }
    }

    seen.take(event)
    if (!output.raw) await output.event(event)
  }

  const finish = async (
    end: {execution: Execution; verdict: Verdict} | {failure: Failure},
  ): Promise<TurnResult> => {
    const result = turnResult(end, {prepared, seen, durationMs: Date.now() - started})
    await session?.finish(result)
    if (session?.saved === false) result.session_saved = false
    await output.done(result)
    await hooks.tell({event: 'turn:end', result})
    return result
  }

  output.start({backend: entry.name, ...(sessionId === undefined ? {} : {sessionId})})
  await writeFiles(prepared)
  try {
    const agent = await start(prepared, context)
    if (agent.identity) await session?.save({agent: agent.identity})
    const execution = await execute(agent, {
      title: entry.descriptor.title,
      turn,
      reader: prepared.backend.reader(turn),
      stopSignal: prepared.backend.stopSignal?.(turn) ?? 'SIGINT',
      interrupts,
      onEvent,
      ...(output.raw ? {onLine: output.raw.bind(output)} : {}),
      ...(prepared.timeout === undefined ? {} : {timeout: prepared.timeout}),
      ...(prepared.idleTimeout === undefined ? {} : {idleTimeout: prepared.idleTimeout}),
    })
    return await finish({execution, verdict: await settle(prepared, execution.verdict, context)})
  } catch (error) {
    if (!isFailure(error)) throw error
    return await finish({failure: error})
  } finally {
    await removeFiles(prepared)
  }
}

/** What the events told, as far as the result needs it. */
class Seen {
  backendSessionId?: string
  model?: string
  usage?: Usage
  readonly #texts: string[] = []
  readonly #keepTexts: boolean

  constructor(keepTexts: boolean) {
    this.#keepTexts = keepTexts
  }

  take(event: BackendEvent): void {
    if (event.type === 'text' && this.#keepTexts) this.#texts.push(event.text)
    else if (event.type === 'usage') this.usage = event.usage
    else if (event.type === 'session') {
      this.backendSessionId = event.backend_session_id
      if (event.model !== undefined) this.model = event.model
    }
  }

  get content(): string {
    return this.#texts.join('')
  }
}

/** The session of a running turn. What cannot be written is said once; the turn goes on. */
async function beginSession({entry, session: record, turn}: PreparedTurn, notice: (message: string) => void) {
  if (!record) return undefined
  const session = {
    record,
    saved: true,
    async attempt(write: () => Promise<void>): Promise<void> {
      if (!this.saved) return
      try {
        await write()
      } catch (error) {
        if (isFailure(error)) throw error
        this.saved = false
        notice(`The session cannot be saved: ${error instanceof Error ? error.message : String(error)}`)
      }
    },
    save(change: Parameters<TurnSessionRecord['update']>[0]): Promise<void> {
      return this.attempt(() => record.update(change))
    },
    finish(result: TurnResult): Promise<void> {
      return this.attempt(() => record.finish(result))
    },
  }
  await session.attempt(() =>
    record.begin({
      backend: entry.name,
      workingDir: turn.cwd,
      prompt: turn.prompt,
      ...(turn.model === undefined ? {} : {model: turn.model}),
    }),
  )
  return session
}

function start(
  {entry, executable, invocation, turn}: PreparedTurn,
  {env, output}: TurnContext,
): Promise<AgentProcess> {
  const turnId = randomUUID()
  return startAgent({
    file: executable.file,
    args: [...executable.leading, ...invocation.args],
    stdin: invocation.stdin,
    cwd: turn.cwd,
    // PWD must agree with the directory, or an agent may believe the one that clinvk was started in.
    env: {...env, PWD: turn.cwd, ...invocation.env, CLINVK_TURN_ID: turnId},
    mark: `CLINVK_TURN_ID=${turnId}`,
    onCutLine: (bytes, kept) =>
      output.notice(
        `${entry.descriptor.title} printed a line of ${formatNumber(bytes)} bytes; only the first ${formatNumber(kept)} are used.`,
      ),
  })
}

async function settle(
  {backend, entry, turn}: PreparedTurn,
  verdict: Verdict,
  {env, output}: TurnContext,
): Promise<Verdict> {
  if (!backend.settle) return verdict
  try {
    return await backend.settle(turn, verdict, agentFiles(entry.descriptor.directories ?? [], env))
  } catch (error) {
    output.notice(
      `${entry.name} could not tidy up after the turn: ${error instanceof Error ? error.message : String(error)}`,
    )
    return verdict
  }
}

function turnResult(
  end: {execution: Execution; verdict: Verdict} | {failure: Failure},
  {durationMs, prepared, seen}: {prepared: PreparedTurn; seen: Seen; durationMs: number},
): TurnResult {
  const verdict = 'failure' in end ? undefined : end.verdict
  const execution = 'failure' in end ? undefined : end.execution
  const error =
    'failure' in end ? errorOfFailure(end.failure) : errorOf(end.execution, end.verdict, prepared, seen)
  const model = verdict?.model ?? seen.model
  const usage = verdict?.usage ?? seen.usage
  return {
    ...(prepared.session === undefined ? {} : {session_id: prepared.session.id}),
    backend: prepared.entry.name,
    ...(seen.backendSessionId === undefined ? {} : {backend_session_id: seen.backendSessionId}),
    ...(model === undefined ? {} : {model}),
    content: seen.content,
    outcome: error ? outcomeOf(error.kind) : 'success',
    ...(error ? {error} : {}),
    exit_code: error ? exitCode(error.kind, execution?.stop?.signal) : 0,
    ...(execution?.exit.code === undefined ? {} : {backend_exit_code: execution.exit.code}),
    duration_seconds: durationMs / 1000,
    ...(usage === undefined ? {} : {usage: withTotal(usage)}),
    denials: verdict?.denials ?? [],
    working_dir: prepared.turn.cwd,
  }
}

function errorOf(
  {stop}: Execution,
  verdict: Verdict,
  {entry, session}: PreparedTurn,
  seen: Seen,
): TurnError | undefined {
  if (!stop && verdict.outcome === 'success') return undefined
  const kind = stop?.kind ?? (verdict.outcome === 'failed' ? 'agent' : (verdict.outcome as FailureKind))
  const message = stop?.message ?? ('message' in verdict ? verdict.message : '')
  const resetsAt = stop || verdict.outcome === 'success' ? undefined : verdict.resetsAt
  const hints: string[] = []
  if (kind === 'auth' && entry.descriptor.signIn !== undefined) hints.push(entry.descriptor.signIn)
  if (kind === 'session') hints.push('Nothing was changed in the session. Start a new one: clinvk "…"')
  // Whatever the agent has done so far is in its session.
  const interrupted =
    kind === 'cancelled' || kind === 'timeout' || kind === 'idle_timeout' || kind === 'limit'
  if (interrupted && session && seen.backendSessionId !== undefined) {
    hints.push(`The session is kept. Go on with it: clinvk resume ${session.id.slice(0, 8)} "continue"`)
  }

  return {
    kind,
    message,
    ...(hints.length === 0 ? {} : {hints}),
    ...(resetsAt === undefined ? {} : {resets_at: resetsAt}),
  }
}

function errorOfFailure({hints, kind, message}: Failure): TurnError {
  return {kind, message, ...(hints.length === 0 ? {} : {hints})}
}

function withTotal(usage: Usage): Usage {
  const {input_tokens: input, output_tokens: out} = usage
  return usage.total_tokens !== undefined || input === undefined || out === undefined
    ? usage
    : {...usage, total_tokens: input + out}
}

async function writeFiles({invocation: {files = []}}: PreparedTurn): Promise<void> {
  for (const {content, path} of files) {
    await mkdir(dirname(path), {recursive: true, mode: 0o700})
    await writeFile(path, content, {mode: 0o600})
  }
}

async function removeFiles({invocation: {files = []}}: PreparedTurn): Promise<void> {
  for (const {path} of files) await rm(dirname(path), {recursive: true, force: true})
}
