import type {Interrupts} from 'clinvk-kit/io'
import type {TurnContext} from 'clinvk-kit/turn/context'
import {isDryRun, type PreparedTurn} from 'clinvk-kit/turn/prepare'
import type {TurnRequest} from 'clinvk-kit/turn/request'
import type {TurnResult} from 'clinvk-kit/turn/result'
import {runTurn} from 'clinvk-kit/turn/run-turn'

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
export async function runPrompt(
  {context, prepared, request}: ReadyPrompt,
  interrupts: Interrupts,
): Promise<PromptEnd> {
  if (!isDryRun(request, context.settings)) return {result: await runTurn(prepared, context, interrupts)}
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
