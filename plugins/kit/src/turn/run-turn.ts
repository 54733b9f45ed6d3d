import {rm, rmdir, stat, writeFile} from 'node:fs/promises'
import {dirname} from 'node:path'
import type {BackendEvent, Run, SessionEvent, Verdict} from 'clinvk-contract'
import {Failure, isFailure, messageOf} from '../errors/failure.js'
import {makeDirectory} from '../files/replace-file.js'
import {formatNumber, quoteCommand} from '../format/text.js'
import type {Interrupts} from '../io.js'
import {startAgent} from '../process/start-agent.js'
import {agentVersionNotice} from './agent-version.js'
import type {TurnSessionRecord} from './context.js'
import {execute, isOtherConversation} from './execute.js'
import {commandOf} from './agent-command.js'
import type {PreparedTurn} from './prepare.js'
import type {TurnOptions} from './request.js'
import {ResultBuilder, type Execution, type TurnResult} from './result.js'

/**
 * Runs a prepared turn to its end. Throws a Failure only when the session is in use; whatever happens after that is
 * in the result.
 */
export async function runTurn(prepared: PreparedTurn, interrupts: Interrupts): Promise<TurnResult> {
  try {
    return await runAsPrepared(prepared, interrupts)
  } finally {
    await prepared.session?.end?.()
  }
}

async function runAsPrepared(prepared: PreparedTurn, interrupts: Interrupts): Promise<TurnResult> {
  const {context, entry, handOff, request, turn} = prepared
  const {hooks, output} = context
  const {cwd: workingDir, model} = turn
  const startedAt = Date.now()
  for (const notice of prepared.notices) output.notice(notice)

  const session = new SessionWriter(prepared)
  const start = {
    backend: entry.name,
    workingDir,
    prompt: request.prompt,
    model,
    options: keptOptions(prepared),
    isNew: turn.session.kind !== 'resume' || handOff !== undefined,
    conversation: handOff?.conversation,
    notice: (message: string) => output.notice(message),
  }
  await session.write((record) => record.begin(start), isFailure)
  // The agent does not wait for the plugins that listen.
  const startEmitted = emitStart(prepared)

  const builder = new ResultBuilder(prepared)
  const running = {prepared, interrupts, session, builder}
  let ending = await endOf(async () => {
    const {id: sessionId, turn: number} = prepared.session ?? {}
    output.start({backend: entry.name, sessionId, number: session.hasFailed ? undefined : number})
    // A signal may come while the turn is prepared.
    if (interrupts.stop.aborted) return notStarted(interrupts.stop)
    await handOff?.write()
    return runAgent(running)
  })
  if (await isRestored(ending, prepared)) {
    const again = {...running, prepared: {...prepared, reader: prepared.backend.reader(turn)}}
    ending = await endOf(() => runAgent(again))
  }
  if (handOff && (ending.stop?.kind === 'session' || isRefused(ending))) await handOff.remove()
  const isConfirmed = await isConfirmedBy(ending, running)
  const result = builder.build(ending, Date.now() - startedAt, isConfirmed)
  await session.write((record) => record.finish(result, isConfirmed))
  if (session.hasFailed) result.session_saved = false

  await output.done(result)
  await startEmitted
  await hooks.emit({event: 'turn:end', result})
  return result
}

/** To send an unanswered prompt again: without what says where it runs or how it is shown. */
function keptOptions({request, schema, turn}: PreparedTurn): TurnOptions {
  const {backend, dryRun, fallback, prompt, session, verbose, workdir, ...options} = request
  return {...options, addDirs: turn.addDirs, fallback: [], schema: schema?.value}
}

/** How a run of the agent ends, also where it does not come to that. */
async function endOf(run: () => Promise<Execution>): Promise<Execution> {
  try {
    return await run()
  } catch (error) {
    if (!isFailure(error)) throw error
    return {failure: error, verdict: {outcome: 'failed', message: error.message}}
  }
}

function notStarted({reason}: AbortSignal): Execution {
  const message = 'Cancelled before the agent was started.'
  return {verdict: {outcome: 'failed', message}, stop: {kind: 'cancelled', message, signal: String(reason)}}
}

function isRefused({stop, verdict}: Execution): boolean {
  return !stop && verdict.outcome === 'session'
}

/** Whether the agent did not know the conversation, and has it again now: its own clean-up deletes old ones. */
async function isRestored(ending: Execution, {context, entry, turn}: PreparedTurn): Promise<boolean> {
  if (!isRefused(ending) || (turn.session.kind !== 'resume' && turn.session.kind !== 'fork')) return false
  const notice = await context.hooks.restore({backend: entry.name, id: turn.session.id})
  if (notice !== undefined) context.output.notice(notice)
  return notice !== undefined
}

/** Whether the agent has recorded the conversation; after a first turn that did not succeed it is asked. */
async function isConfirmedBy({stop, verdict}: Execution, running: Running): Promise<boolean> {
  const {builder, interrupts, prepared} = running
  const {context, entry, handOff, session, turn} = prepared
  const isSuccess = !stop && verdict.outcome === 'success'
  if (isSuccess || !session || (turn.session.kind === 'resume' && !handOff)) return true
  const {backendSessionId: id = handOff?.conversation?.id, state} = builder
  if (id === undefined) return false
  const {isRecorded} = await import('./agent-records.js')
  return (await isRecorded(entry, {id, cwd: turn.cwd, state}, context, interrupts.hurry)) === true
}

/** Session events before turn events: plugins rely on that order. */
async function emitStart({context: {hooks}, entry, request, session, turn}: PreparedTurn): Promise<void> {
  const about = {backend: entry.name, workingDir: turn.cwd}
  if (session) {
    const {continues, forks, id: sessionId} = session
    const isResumed = continues !== undefined && forks === undefined
    const event = isResumed ? 'session:resumed' : 'session:created'
    const backendSessionId = isResumed ? continues.backendSessionId : undefined
    await hooks.emit({event, sessionId, backendSessionId, ...about})
  }

  await hooks.emit({event: 'turn:start', ...about, prompt: request.prompt, sessionId: session?.id})
}

/** Writes the session of a running turn. A write that fails is reported once; the turn runs on, and nothing more is written. */
class SessionWriter {
  hasFailed = false

  constructor(readonly prepared: PreparedTurn) {}

  async write(
    write: (record: TurnSessionRecord) => Promise<void>,
    isThrown: (error: unknown) => boolean = () => false,
  ): Promise<void> {
    const {context, session} = this.prepared
    if (!session || this.hasFailed) return
    try {
      await write(session)
    } catch (error) {
      if (isThrown(error)) throw error
      this.hasFailed = true
      context.output.notice(`The session cannot be saved: ${messageOf(error)}`)
    }
  }
}

interface Running {
  readonly prepared: PreparedTurn
  readonly interrupts: Interrupts
  readonly session: SessionWriter
  readonly builder: ResultBuilder
}

/** From the start of the agent until nothing of it is left. Throws a Failure when it cannot be started. */
async function runAgent(running: Running): Promise<Execution> {
  const {builder, interrupts, prepared, session} = running
  const {context, entry, executable, invocation, turn, verbose} = prepared
  const {env, output} = context
  const {args, env: changes, files = [], stdin} = invocation
  const {cwd} = turn
  try {
    await writeFiles(files)
    if (verbose) output.notice(`Runs in ${cwd}: ${quoteCommand(commandOf(prepared), {isOneLine: true})}`)
    const startedAt = new Date()
    const agent = await startAgent({
      ...{executable, args, stdin, cwd, env, changes},
      onCutLine(bytes, kept, isOutput) {
        const cut = `${entry.descriptor.title} printed a line of ${formatNumber(bytes)} bytes; only the first ${formatNumber(kept)} are used.`
        if (isOutput) builder.cut ??= cut
        output.notice(cut)
      },
    })
    const {identity} = agent
    if (identity) await session.write((record) => record.update({agent: identity}))
    const execution = await execute(agent, prepared, interrupts, (event) => onEvent(event, running), {
      onLine: output.raw?.bind(output),
      onErrorLine: verbose ? (line) => output.notice(`${entry.name}: ${line}`) : undefined,
    })
    const run = {startedAt, sessionId: builder.backendSessionId}
    const verdict = await settle(running, execution.verdict, run)
    await emitRest(execution, verdict, running)
    await removeLeftovers(verdict.leftovers ?? [], startedAt)
    return {...execution, verdict}
  } finally {
    for (const {path} of files) await rm(dirname(path), {recursive: true, force: true})
  }
}

/** Where the backend has found more of the answer than its agent printed, the rest is told, too. */
async function emitRest({stop, verdict: {content: printed}}: Execution, verdict: Verdict, running: Running) {
  const {content = '', outcome} = verdict
  if (stop || outcome !== 'success' || printed === undefined || !content.startsWith(printed)) return
  if (content.length > printed.length)
    await onEvent({type: 'text', text: content.slice(printed.length)}, running)
}

async function writeFiles(files: NonNullable<PreparedTurn['invocation']['files']>): Promise<void> {
  try {
    for (const {content, path} of files) {
      makeDirectory(dirname(path))
      await writeFile(path, content, {mode: 0o600, flag: 'wx'})
    }
  } catch (error) {
    throw new Failure('unavailable', `A temporary file for the agent cannot be written: ${messageOf(error)}`)
  }
}

function onEvent(event: BackendEvent, running: Running): void | Promise<void> {
  const {builder, prepared, session} = running
  const {output} = prepared.context
  if (event.type === 'finished') return
  if (event.type === 'session') return onSession(event, running)
  const isFirstTool = event.type === 'tool_call' && !builder.hasRunTools
  builder.add(event)
  if (event.type === 'state') return session.write((record) => record.update({state: event.state}))
  prepared.session?.event?.(event)
  output.watch?.(event)
  const shown = output.raw ? undefined : output.event(event)
  if (!isFirstTool || prepared.turn.session.kind === 'resume') return shown
  return Promise.all([shown, session.write((record) => record.update({hasRunTools: true}))]).then(
    () => undefined,
  )
}

async function onSession(event: SessionEvent, {builder, prepared, session}: Running): Promise<void> {
  if (builder.backendSessionId !== undefined) return
  const {context, entry, turn} = prepared
  const {output} = context
  const {backend_session_id: backendSessionId, model} = event
  // When the agent continues another conversation, `execute` ends the turn and the session keeps its own.
  if (!isOtherConversation(turn, event))
    await session.write((record) => record.update({backendSessionId, model}))
  const notice = agentVersionNotice(event.agent_version, entry.descriptor)
  if (notice !== undefined) output.notice(notice)
  builder.add(event)
  prepared.session?.event?.(event)
  if (!output.raw) await output.event(event)
}

/** Lets the backend correct the verdict. Runs even if the verdict of its reader was invalid. */
async function settle({interrupts, prepared}: Running, reported: Verdict, run: Run): Promise<Verdict> {
  const {backend, context, entry, turn} = prepared
  const {env, output} = context
  const valid = async (verdict: Verdict) => {
    if (entry.isBundled) return verdict
    const {validVerdict} = await import('../backends/guard-backend.js')
    return validVerdict(verdict, (details) =>
      output.notice(`The backend ${entry.name} gave an invalid ${details.join(', ')}, which is left out.`),
    )
  }
  const verdict = (await valid(reported)) ?? {
    outcome: 'failed',
    message: `The backend ${entry.name} does not say how the turn went. It comes from ${entry.plugin}.`,
  }
  if (!backend.settle) return verdict
  try {
    const {recordsOf} = await import('./agent-records.js')
    const {ask, files} = await recordsOf(entry, {cwd: turn.cwd, env, stop: interrupts.hurry})
    const corrected = await valid(await backend.settle(turn, verdict, files, run, ask))
    if (corrected) return corrected
    output.notice(`The backend ${entry.name} failed in \`settle\`: it gives no verdict`)
  } catch (error) {
    output.notice(messageOf(error))
  }

  return verdict
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
