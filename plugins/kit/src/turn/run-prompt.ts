import type {Interrupts} from '../io.js'
import type {TurnContext} from './context.js'
import {isDryRun, type PreparedTurn} from './prepare.js'
import type {TurnRequest} from './request.js'
import type {TurnResult} from './result.js'
import {runTurn} from './run-turn.js'

export interface ReadyPrompt {
  readonly request: TurnRequest
  readonly context: TurnContext
  readonly prepared: PreparedTurn
}

export interface PromptEnd {
  readonly result: TurnResult
  /** With `--dry-run`: what would have been run. */
  readonly dryRun?: PreparedTurn
}

/** Runs one prompt to its end, as every command does that sends one. Throws a Failure when its session is in use. */
export async function runPrompt(ready: ReadyPrompt, interrupts: Interrupts): Promise<PromptEnd> {
  const {context, prepared, request} = ready
  if (!isDryRun(request, context.settings)) {
    const send = (turn: ReadyPrompt) => run(turn, interrupts)
    if (!prepared.schema) return {result: await send(ready)}
    const {answerBySchema} = await import('./schema-answer.js')
    return {result: await answerBySchema({...ready, prepared: {...prepared, schema: prepared.schema}}, send)}
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

async function run(ready: ReadyPrompt, interrupts: Interrupts): Promise<TurnResult> {
  const {context, prepared} = ready
  const isOne = prepared.limits.waitForReset === undefined && !prepared.fallback
  if (isOne) return runTurn(prepared, context, interrupts)
  const {runAttempts} = await import('./attempts.js')
  return runAttempts(ready, interrupts)
}
