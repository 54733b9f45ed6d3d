import type {BackendEvent, SessionEvent, Verdict, Invocation} from 'clinvk-contract'
import {askAgent} from '../backends/ask-agent.js'
import {validVerdict} from '../backends/load-backend.js'
import {isFailure, Failure, messageOf} from '../errors/failure.js'
import {formatNumber, quoteCommand} from '../format/text.js'
import {startAgent, type AgentProcess} from '../process/start-agent.js'
import {randomUuid} from '../format/random-id.js'
import {agentFiles} from './agent-files.js'
import {agentVersionNotice} from './agent-version.js'
import type {TurnContext, TurnSessionRecord} from './context.js'
import {execute} from './execute.js'
import type {Interrupts} from '../io.js'
import type {PreparedTurn} from './prepare.js'
import {ResultBuilder, type Execution, type TurnResult} from './result.js'
import {mkdir, rm, rmdir, stat, writeFile} from 'node:fs/promises'
import {dirname} from 'node:path'

/**
 * Runs a prepared turn to its end. Throws a Failure only when the session is in use; whatever happens after that is
 * in the result.
 */
export async function runTurn(
  prepared: PreparedTurn,
  context: TurnContext,
  interrupts: Interrupts,
): Promise<TurnResult> {
  const {entry, turn} = prepared
  const {hooks, output} = context
  const startedAt = Date.now()
  const sessionId = prepared.session?.id
  for (const notice of prepared.notices) output.notice(notice)

  const session = new SessionWriter(prepared.session, output.notice.bind(output))
  await session.begin({backend: entry.name, workingDir: turn.cwd, prompt: turn.prompt, model: turn.model})
  // The agent does not wait for the plugins that listen.
  const startEmitted = emitStart(prepared, context)
  output.start({backend: entry.name, sessionId})

  const {needsContent} = output
  const builder = new ResultBuilder({entry, sessionId, workingDir: turn.cwd, needsContent})
  const ending = await runAgent({prepared, context, interrupts, session, builder})
  const result = builder.build(ending, Date.now() - startedAt)
  await session.finish(result)
  if (session.hasFailed) result.session_saved = false

  await output.done(result)
  await startEmitted
  await hooks.tell({event: 'turn:end', result})
  return result
}

/** Session events before turn events: plugins rely on that order. */
async function emitStart({entry, session, turn}: PreparedTurn, {hooks}: TurnContext): Promise<void> {
  const about = {backend: entry.name, workingDir: turn.cwd}
  if (session) {
    const event = session.continues ? 'session:resumed' : 'session:created'
    await hooks.tell({event, sessionId: session.id, ...about})
  }

  await hooks.tell({event: 'turn:start', ...about, prompt: turn.prompt, sessionId: session?.id})
}

interface Running {
  readonly prepared: PreparedTurn
  readonly context: TurnContext
  readonly interrupts: Interrupts
  readonly session: SessionWriter
  readonly builder: ResultBuilder
}

/** From the start of the agent until nothing of it is left. */
async function runAgent(running: Running): Promise<Execution | Failure> {
  const {builder, context, interrupts, prepared, session} = running
  const {entry, executable, invocation, turn, verbose} = prepared
  const {output} = context
  try {
    return await withTemporaryFiles(invocation.files ?? [], async () => {
      if (verbose) {
        const words = [executable.file, ...executable.leading, ...invocation.args]
        output.notice(`Runs in ${turn.cwd}: ${quoteCommand(words)}`)
      }

      const startedAt = new Date()
      const agent = await start(prepared, context)
      if (agent.identity) await session.update({agent: agent.identity})
      const execution = await execute(agent, prepared, interrupts, {
        onEvent: (event) => onEvent(event, running),
        onLine: output.raw?.bind(output),
        onErrorLine: verbose ? (line) => output.notice(`${entry.name}: ${line}`) : undefined,
      })
      const run = {startedAt, sessionId: builder.backendSessionId}
      const verdict = await settle(running, execution.verdict, run)
      await removeLeftovers(verdict.leftovers ?? [], startedAt)
      return {...execution, verdict}
    })
  } catch (error) {
    if (isFailure(error)) return error
    throw error
  }
}

function start(
  {entry, executable, invocation, turn}: PreparedTurn,
  {env, output}: TurnContext,
): Promise<AgentProcess> {
  const turnId = randomUuid()
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

function onEvent(event: BackendEvent, running: Running): void | Promise<void> {
  const {builder, context, session} = running
  if (event.type === 'finished') return
  if (event.type === 'state') return session.update({state: event.state})
  if (event.type === 'session') return onSession(event, running)
  builder.add(event)
  if (!context.output.raw) return context.output.event(event)
}

async function onSession(event: SessionEvent, {builder, context, prepared, session}: Running): Promise<void> {
  if (builder.backendSessionId !== undefined) return
  const {entry, turn} = prepared
  const {output} = context
  const {backend_session_id: backendSessionId, model} = event
  // When the agent started another conversation than the one to resume, `execute` ends the turn and the session keeps its own.
  const isOther = turn.session.kind === 'resume' && turn.session.id !== backendSessionId
  if (!isOther) await session.update({backendSessionId, model})
  const notice = agentVersionNotice(event.agent_version, entry.descriptor)
  if (notice !== undefined) output.notice(notice)
  builder.add(event)
  if (!output.raw) await output.event(event)
}

/** Lets the backend amend the verdict. Runs even if the verdict of its reader was invalid. */
async function settle(
  {context: {env, output}, interrupts, prepared: {backend, entry, turn}}: Running,
  said: Verdict,
  run: {startedAt: Date; sessionId?: string},
): Promise<Verdict> {
  const valid = (verdict: unknown) =>
    validVerdict(verdict, (details) =>
      output.notice(`The backend ${entry.name} gave an invalid ${details.join(', ')}, which is left out.`),
    )
  const verdict = valid(said) ?? {
    outcome: 'failed',
    message: `The backend ${entry.name} does not say how the turn went. It comes from ${entry.plugin}.`,
  }
  if (!backend.settle) return verdict
  try {
    const files = agentFiles(entry.descriptor.directories ?? [], env)
    const ask = askAgent(entry, {cwd: turn.cwd, env, stop: interrupts.hurry})
    const last = valid(await backend.settle(turn, verdict, files, run, ask))
    if (last) return last
    output.notice(`The backend ${entry.name} failed in \`settle\`: it gives no verdict`)
  } catch (error) {
    output.notice(messageOf(error))
  }

  return verdict
}

/** Does something while the temporary files of an invocation exist. Throws a Failure when they cannot be written. */
export async function withTemporaryFiles<T>(
  files: NonNullable<Invocation['files']>,
  task: () => Promise<T>,
): Promise<T> {
  try {
    await write(files)
    return await task()
  } finally {
    for (const {path} of files) await rm(dirname(path), {recursive: true, force: true})
  }
}

/** Removes directories that an agent left behind: only those that are empty and younger than the turn. */
export async function removeLeftovers(directories: readonly string[], startedAt: Date): Promise<void> {
  for (const directory of directories) {
    try {
      const {birthtimeMs} = await stat(directory)
      if (birthtimeMs >= startedAt.getTime()) await rmdir(directory)
    } catch {
      // It does not exist, is not empty, or is not ours.
    }
  }
}

async function write(files: NonNullable<Invocation['files']>): Promise<void> {
  try {
    for (const {content, path} of files) {
      await mkdir(dirname(path), {recursive: true, mode: 0o700})
      await writeFile(path, content, {mode: 0o600})
    }
  } catch (error) {
    throw new Failure('unavailable', `A temporary file for the agent cannot be written: ${messageOf(error)}`)
  }
}

/** Writes the session of a running turn. A write that fails is reported once; the turn runs on, and nothing more is written. */
export class SessionWriter {
  hasFailed = false
  readonly #record: TurnSessionRecord | undefined
  readonly #notice: (message: string) => void

  /** Without a record, an ephemeral turn, it writes nothing. */
  constructor(record: TurnSessionRecord | undefined, notice: (message: string) => void) {
    this.#record = record
    this.#notice = notice
  }

  /** Throws a Failure when another turn holds the session. */
  begin(start: Parameters<TurnSessionRecord['begin']>[0]): Promise<void> {
    return this.#write((record) => record.begin(start), isFailure)
  }

  update(change: Parameters<TurnSessionRecord['update']>[0]): Promise<void> {
    return this.#write((record) => record.update(change))
  }

  finish(result: Parameters<TurnSessionRecord['finish']>[0]): Promise<void> {
    return this.#write((record) => record.finish(result))
  }

  async #write(
    write: (record: TurnSessionRecord) => Promise<void>,
    isThrown: (error: unknown) => boolean = () => false,
  ): Promise<void> {
    if (!this.#record || this.hasFailed) return
    try {
      await write(this.#record)
    } catch (error) {
      if (isThrown(error)) throw error
      this.hasFailed = true
      this.#notice(`The session cannot be saved: ${messageOf(error)}`)
    }
  }
}
