import type {PromptRequest, RunData, RunRequest, RunTaskData} from 'clinvk-kit/for-plugins/kit'
import type {TurnOutput} from 'clinvk-kit/turn/context'
import type {TurnResult} from 'clinvk-kit/turn/result'
import type {Clinvk} from './clinvk.js'

/** Whoever asks for a turn: a request over HTTP, or a call of a tool. */
export interface Client {
  /** Tells clients apart for the queue; never the token itself. */
  readonly id: string
  /** Aborts when the client has gone away, or wants no answer any more; then its turn is cancelled. */
  readonly gone: AbortSignal
  /** How many turns of clinvk it runs inside: 0, the default, where no agent of clinvk has started it. */
  readonly depth?: number
}

/** Runs turns for clients: within the ceilings that the user has set, and no more at the same time than the queue allows. */
export interface Desk {
  /** What went wrong is in the result; a turn that was refused, or for which there is no room, is one, too. */
  prompt(request: PromptRequest, client: Client, output: TurnOutput): Promise<TurnResult>
  /** Throws a Failure where nothing was started. */
  run(request: RunRequest, client: Client, output?: (task: RunTaskData) => TurnOutput): Promise<RunData>
}

/** A desk without ceilings and without a queue. */
export function openDesk({kit}: Clinvk): Desk {
  const hurry = new AbortController().signal
  return {
    prompt: (request, {depth, gone}, output) =>
      kit.prompt(request, {output, stop: gone, hurry, env: environment(depth)}),
    run: (request, {depth, gone}, output) =>
      kit.run(request, {output, stop: gone, hurry, env: environment(depth)}),
  }
}

/** So that an agent that asks clinvk for an agent, which asks for another one, is stopped (`mcp/depth.ts`). */
function environment(depth = 0): Readonly<Record<string, string>> {
  return {CLINVK_DEPTH: String(depth + 1)}
}
