import {askAgent} from '../backends/ask-agent.js'
import type {BackendEvent, Run, SessionEvent, Verdict} from 'clinvk-contract'
import {isFailure} from '../failure.js'
import {formatNumber} from '../format/number.js'
import {quoteCommand} from '../format/quote-command.js'
import {messageOf} from '../message-of.js'
import {startAgent, type AgentProcess} from '../process/start-agent.js'
import {randomUuid} from '../random-id.js'
import {agentFiles} from './agent-files.js'
import {agentVersionNotice} from './agent-version.js'
import type {TurnContext} from './context.js'
import {execute} from './execute.js'
import type {Interrupts} from './interrupts.js'
import {removeLeftovers} from './leftovers.js'
import type {PreparedTurn} from './prepare.js'
import type {TurnResult} from './result.js'
import {Seen} from './seen.js'
import {beginSession, type WrittenSession} from './session.js'
import {soundVerdict} from './sound-verdict.js'
import {withTemporaryFiles} from './temporary-files.js'
import {turnResult, type TurnEnding} from './turn-result.js'

/**
 * Runs a prepared turn to its end and tells output, session and listeners.
 * Throws a Failure only when the session is in use; whatever happens after
 * that is in the result.
 */
export async function runTurn(
  prepared: PreparedTurn,
  context: TurnContext,
  interrupts: Interrupts,
): Promise<TurnResult> {
  const {entry} = prepared
  const {hooks, output} = context
  const started = Date.now()
  for (const notice of prepared.notices) output.notice(notice)

  const session = await beginSession(prepared, output.notice.bind(output))
  const about = {backend: entry.name, ...(session ? {sessionId: session.id} : {})}
  // Told, not asked: the turn does not wait for those who listen.
  const told = tellStart(prepared, context, session?.id)
  output.start(about)

  const seen = new Seen(output.needsContent)
  const ending = await runAgent(prepared, context, interrupts, {seen, session})
  const result = turnResult(ending, {prepared, seen, durationMs: Date.now() - started})
  await session?.finish(result)
  if (session?.isSaved === false) result.session_saved = false
  await output.done(result)
  await told
  await hooks.tell({event: 'turn:end', result})
  return result
}

/** The session before the turn: that order can be relied on. */
async function tellStart(
  {entry, session, turn}: PreparedTurn,
  {hooks}: TurnContext,
  sessionId: string | undefined,
): Promise<void> {
  const about = {backend: entry.name, workingDir: turn.cwd}
  if (sessionId !== undefined)
    await hooks.tell({event: session?.continues ? 'session:resumed' : 'session:created', sessionId, ...about})
  await hooks.tell({
    event: 'turn:start',
    ...about,
    prompt: turn.prompt,
    ...(sessionId === undefined ? {} : {sessionId}),
  })
}

/** From the start of the agent to its last trace. */
async function runAgent(
  prepared: PreparedTurn,
  context: TurnContext,
  interrupts: Interrupts,
  {seen, session}: {seen: Seen; session: WrittenSession | undefined},
): Promise<TurnEnding> {
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
      if (agent.identity) await session?.save({agent: agent.identity})
      const execution = await execute(agent, {
        title: entry.descriptor.title,
        turn,
        reader: prepared.reader,
        stopSignal: prepared.stopSignal,
        interrupts,
        onEvent: (event) => useEvent(event, prepared, context, {seen, session}),
        ...(output.raw ? {onLine: output.raw.bind(output)} : {}),
        ...prepared.limits,
        ...(verbose ? {onErrorLine: (line: string) => output.notice(`${entry.name}: ${line}`)} : {}),
      })
      const {backendSessionId: sessionId} = seen
      const run = {startedAt, ...(sessionId === undefined ? {} : {sessionId})}
      const verdict = await settle(prepared, execution.verdict, run, {...context, stop: interrupts.hurry})
      await removeLeftovers(verdict.leftovers ?? [], startedAt)
      return {execution, verdict}
    })
  } catch (error) {
    if (isFailure(error)) return {failure: error}
    throw error
  }
}

function useEvent(
  event: BackendEvent,
  prepared: PreparedTurn,
  context: TurnContext,
  {seen, session}: {seen: Seen; session: WrittenSession | undefined},
): void | Promise<void> {
  if (event.type === 'finished') return
  if (event.type === 'state') return session?.save({state: event.state})
  if (event.type === 'session') return useSession(event, prepared, context, {seen, session})
  seen.take(event)
  if (!context.output.raw) return context.output.event(event)
}

async function useSession(
  event: SessionEvent,
  {entry, turn}: PreparedTurn,
  {output}: TurnContext,
  {seen, session}: {seen: Seen; session: WrittenSession | undefined},
): Promise<void> {
  if (seen.backendSessionId !== undefined) return
  const {backend_session_id: backendSessionId, model} = event
  // Another conversation than the one asked for ends the turn (`execute`); the session keeps its own.
  const isOther = turn.session.kind === 'resume' && turn.session.id !== backendSessionId
  if (!isOther) await session?.save({backendSessionId, ...(model === undefined ? {} : {model})})
  const notice = agentVersionNotice(event.agent_version, entry.descriptor)
  if (notice !== undefined) output.notice(notice)
  seen.take(event)
  if (!output.raw) await output.event(event)
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

/** The last word of the backend. It may have correct things to say of a turn whose verdict made no sense. */
async function settle(
  {backend, entry, turn}: PreparedTurn,
  said: Verdict,
  run: Run,
  {env, output, stop}: Pick<TurnContext, 'env' | 'output'> & {stop: AbortSignal},
): Promise<Verdict> {
  const sound = (verdict: unknown) =>
    soundVerdict(verdict, (parts) =>
      output.notice(`The backend ${entry.name} tells what is none of the contract, it is left out: ${parts}`),
    )
  const verdict = sound(said) ?? {
    outcome: 'failed',
    message: `The backend ${entry.name} does not say how the turn went; it comes from ${entry.plugin}.`,
  }
  if (!backend.settle) return verdict
  try {
    const files = agentFiles(entry.descriptor.directories ?? [], env)
    const ask = askAgent(entry, {cwd: turn.cwd, env, stop})
    const last = sound(await backend.settle(turn, verdict, files, run, ask))
    if (last) return last
    output.notice(`The backend ${entry.name} fails in its settle: it gives no verdict`)
  } catch (error) {
    output.notice(messageOf(error))
  }

  return verdict
}
