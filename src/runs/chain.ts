import {Failure, exitCode} from 'clinvk-kit/errors/failure'
import type {TurnRequest} from 'clinvk-kit/turn/request'
import type {Interrupts} from 'clinvk-kit/io'
import {planTurn, prepareTurn} from 'clinvk-kit/turn/prepare'
import {asTaskFailure, failureResult} from '../errors/failure-result.js'
import type {PromptContext} from '../prompt/context.js'
import {contextOf, type ReadyTask} from './check-tasks.js'
import {fill, partsOf} from './placeholders.js'
import {runTask} from './run-task.js'
import type {RunView} from './run-view.js'
import type {Task} from './task.js'
import {cancelledTask, type TaskResult} from './task-result.js'

export interface ChainOptions {
  readonly context: PromptContext
  readonly view: RunView
  /** Steps of the same backend continue one conversation. */
  readonly passSession: boolean
}

/** A step that can run, as far as that is known before the steps before it have run. */
export type CheckedStep = ReadyTask & {
  /** The step, from 0 on, whose conversation this one continues. */
  readonly continues?: number
}

/**
 * Checks that a step can run, before any does. Its placeholders are not filled, so neither guards nor the sessions
 * plugin are asked yet. Throws a Failure.
 */
export async function checkStep(
  task: Task,
  before: readonly CheckedStep[],
  {context: common, passSession, view}: ChainOptions,
): Promise<CheckedStep> {
  const context = await contextOf(task, common, view.output(task))
  const prepared = await planTurn(task.request, context)
  if (!passSession) return {task, context, prepared}
  if (task.request.session.kind === 'ephemeral') {
    throw new Failure('config', 'pass_session_id needs sessions, and this step is ephemeral.')
  }

  const continues = before.findLastIndex((step) => step.prepared.entry.name === prepared.entry.name)
  if (continues === -1) return {task, context, prepared}
  const {descriptor} = prepared.entry
  if (!descriptor.capabilities.resume) {
    throw new Failure('refused', `pass_session_id is refused: ${descriptor.title} cannot resume a session.`)
  }

  const other = before[continues]!
  if (other.prepared.turn.cwd !== prepared.turn.cwd) {
    throw new Failure(
      'config',
      `it continues the conversation of ${other.task.title}, which is in ${other.prepared.turn.cwd}, not in ${prepared.turn.cwd}.`,
    )
  }

  return {task, context, prepared, continues}
}

/** Runs steps one after the other, each with the answers of those before it. Steps that did not run have no result. */
export async function runChain(
  steps: readonly CheckedStep[],
  {
    interrupts,
    onEnd,
    stopOnFailure,
  }: {
    stopOnFailure: boolean
    interrupts: Interrupts
    onEnd: (done: TaskResult) => Promise<TaskResult>
  },
): Promise<TaskResult[]> {
  const names = steps.map(({task: {id, name}}) => name ?? id)
  const results: TaskResult[] = []
  for (const [index, step] of steps.entries()) {
    if (interrupts.stop.aborted) {
      // The signal came while the step before this one ended.
      const code = exitCode('cancelled', String(interrupts.stop.reason))
      results.push(await onEnd(cancelledTask(step.task, step.prepared.entry.name, 'Cancelled.', code)))
      break
    }

    const prompt = fill(partsOf(step.task.request.prompt, index, names), (number) =>
      results[number]!.dryRun ? undefined : results[number]!.result.content,
    )
    const previous = step.continues === undefined ? undefined : results[step.continues]
    const request = resumed({...step.task.request, prompt}, previous?.result.session_id)
    const done = await onEnd(await runStep(step, request, interrupts))
    results.push(done)
    const {outcome} = done.result
    if (outcome === 'cancelled' || (outcome !== 'success' && stopOnFailure)) break
  }

  return results
}

async function runStep(
  {context, prepared: {entry}, task}: CheckedStep,
  request: TurnRequest,
  interrupts: Interrupts,
): Promise<TaskResult> {
  try {
    const prepared = await prepareTurn(request, context)
    const done = await runTask({task: {...task, request}, context, prepared}, interrupts)
    // With the prompt as it was written, without the answers in it.
    return {...done, task}
  } catch (error) {
    const result = {...failureResult(asTaskFailure(error)), backend: entry.name}
    await context.output.done(result)
    const now = new Date()
    return {task, backend: entry.name, result, startedAt: now, endedAt: now}
  }
}

function resumed(request: TurnRequest, reference: string | undefined): TurnRequest {
  if (reference === undefined) return request
  const {session} = request
  return {
    ...request,
    session: {kind: 'named', reference, tags: session.kind === 'ephemeral' ? [] : session.tags},
  }
}
