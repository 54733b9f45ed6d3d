import {Failure} from 'clinvk-kit/errors/failure'
import type {TurnContext, TurnOutput} from 'clinvk-kit/turn/context'
import {prepareTurn, type PreparedTurn} from 'clinvk-kit/turn/prepare'
import {asTaskFailure} from '../errors/failure-result.js'
import type {PromptContext} from '../prompt/context.js'
import type {Task} from './task.js'

/** A task that can run as it was asked for. */
export interface ReadyTask {
  readonly task: Task
  readonly context: TurnContext
  readonly prepared: PreparedTurn
}

/** The context of one task: settings are those of its directory. */
export async function contextOf(
  {request}: Task,
  context: PromptContext,
  output: TurnOutput,
): Promise<TurnContext> {
  const turn = context.turn(output)
  return {...turn, settings: await turn.settingsIn(request.workdir ?? context.place)}
}

/**
 * Prepares every task, so that nothing runs where one cannot. Throws a Failure
 * that names each of those; its exit code is that of the first.
 */
export async function checkAll<T>(tasks: readonly Task[], prepare: (task: Task) => Promise<T>): Promise<T[]> {
  const ready: T[] = []
  const failures: {task: Task; failure: Failure}[] = []
  for (const task of tasks) {
    try {
      ready.push(await prepare(task))
    } catch (error) {
      failures.push({task, failure: asTaskFailure(error)})
    }
  }

  const [first, ...others] = failures
  if (!first) return ready
  const {failure, task} = first
  // Arguments are right; it is the description that asks for what cannot be.
  const kind = failure.kind === 'usage' ? 'config' : failure.kind
  throw new Failure(kind, `${task.title} cannot run, so nothing was started: ${failure.message}`, [
    ...failure.hints,
    ...others.map((other) => `${other.task.title} cannot run either: ${other.failure.message}`),
  ])
}

/** Ready to run. Throws a Failure when it cannot be done as asked. */
export async function readyTask(task: Task, context: PromptContext, output: TurnOutput): Promise<ReadyTask> {
  const turn = await contextOf(task, context, output)
  return {task, context: turn, prepared: await prepareTurn(task.request, turn)}
}
