import type {Interrupts} from '../io.js'
import {isDryRun, type PreparedTurn} from './prepare.js'
import type {TurnResult} from './result.js'
import {runTurn} from './run-turn.js'

/**
 * Runs one prompt to its end, as every command does that sends one. `dryRun`: what would have been run. Throws a Failure
 * when its session is in use.
 */
export async function runPrompt(
  prepared: PreparedTurn,
  interrupts: Interrupts,
): Promise<{result: TurnResult; dryRun?: PreparedTurn}> {
  const {context, request, schema} = prepared
  if (!isDryRun(request, context.settings)) {
    const send = (turn: PreparedTurn) => run(turn, interrupts)
    if (!schema) return {result: await send(prepared)}
    const {answerBySchema} = await import('./schema-answer.js')
    return {result: await answerBySchema(prepared, schema, send)}
  }
  const result = {
    backend: prepared.entry.name,
    content: '',
    outcome: 'success' as const,
    exit_code: 0,
    duration_seconds: 0,
    denials: [],
    working_dir: prepared.turn.cwd,
  }
  return {result, dryRun: prepared}
}

async function run(prepared: PreparedTurn, interrupts: Interrupts): Promise<TurnResult> {
  const isOne = prepared.limits.waitForReset === undefined && !prepared.fallback
  if (isOne) return runTurn(prepared, interrupts)
  const {runAttempts} = await import('./attempts.js')
  return runAttempts(prepared, interrupts)
}
