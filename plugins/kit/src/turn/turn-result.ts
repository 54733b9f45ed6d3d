import type {Usage, Verdict} from 'clinvk-contract'
import type {Failure} from '../failure.js'
import {exitCode, outcomeOf, type FailureKind} from '../outcome.js'
import type {Execution} from './execute.js'
import type {PreparedTurn} from './prepare.js'
import type {TurnError, TurnResult} from './result.js'
import type {Seen} from './seen.js'

/** How a turn ended: the agent ran, or it could not be started. */
export type TurnEnding = {execution: Execution; verdict: Verdict} | {failure: Failure}

/** Puts together what clinvk knows, what the agent said last, and what its events told. */
export function turnResult(
  ending: TurnEnding,
  {durationMs, prepared, seen}: {prepared: PreparedTurn; seen: Seen; durationMs: number},
): TurnResult {
  const {execution, verdict} = 'failure' in ending ? {} : ending
  const error =
    'failure' in ending
      ? errorOfFailure(ending.failure)
      : errorOf(ending.execution, ending.verdict, prepared, seen)
  const model = verdict?.model ?? seen.model
  const usage = verdict?.usage ?? seen.usage
  return {
    ...(prepared.session === undefined ? {} : {session_id: prepared.session.id}),
    backend: prepared.entry.name,
    ...(seen.backendSessionId === undefined ? {} : {backend_session_id: seen.backendSessionId}),
    ...(model === undefined ? {} : {model}),
    content: verdict?.content ?? seen.content,
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

function errorOfFailure({hints, kind, message}: Failure): TurnError {
  return {kind, message, ...(hints.length === 0 ? {} : {hints})}
}

/** What clinvk has stopped outweighs what the agent says of it. */
function errorOf(
  {stop}: Execution,
  verdict: Verdict,
  prepared: PreparedTurn,
  seen: Seen,
): TurnError | undefined {
  if (stop) return withHints({kind: stop.kind, message: stop.message}, prepared, seen)
  if (verdict.outcome === 'success') return undefined
  const {message, outcome, resetsAt} = verdict
  const kind = outcome === 'failed' ? 'agent' : outcome
  return withHints({kind, message, ...(resetsAt === undefined ? {} : {resets_at: resetsAt})}, prepared, seen)
}

function withHints(error: TurnError, {entry, session}: PreparedTurn, {backendSessionId}: Seen): TurnError {
  const {signIn} = entry.descriptor
  const hints: string[] = []
  if (error.kind === 'auth' && signIn !== undefined) hints.push(signIn)
  if (error.kind === 'session')
    hints.push(`Nothing was changed in the session. Start a new one: clinvk -b ${entry.name} "…"`)
  // Whatever the agent has done so far is in its session.
  if (INTERRUPTED.has(error.kind) && session && backendSessionId !== undefined) {
    hints.push(`The session is kept. Go on with it: clinvk resume ${session.id.slice(0, 8)} "continue"`)
  }

  return {...error, ...(hints.length === 0 ? {} : {hints})}
}

const INTERRUPTED: ReadonlySet<FailureKind> = new Set(['cancelled', 'timeout', 'idle_timeout', 'limit'])

function withTotal(usage: Usage): Usage {
  const {input_tokens: input, output_tokens: output} = usage
  return usage.total_tokens !== undefined || input === undefined || output === undefined
    ? usage
    : {...usage, total_tokens: input + output}
}
