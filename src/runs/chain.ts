import {Failure} from 'clinvk-kit/errors/failure'
import {exitCode} from 'clinvk-kit/errors/outcome'
import type {TurnRequest} from 'clinvk-kit/turn/request'
import type {TurnContext} from 'clinvk-kit/turn/context'
import type {Interrupts} from 'clinvk-kit/turn/interrupts'
import {prepareTurn} from 'clinvk-kit/turn/prepare'
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
  /** Steps of the same backend go on with one conversation. */
  readonly passSession: boolean
}

/** A step that can run, as far as that is known before the steps before it have run. */
export type CheckedStep = ReadyTask & {
  /** The step, from 0 on, whose conversation this one goes on with. */
  readonly goesOnWith?: number
}

/**
 * Looks whether a step can run, before any does. Its placeholders are not filled,
 * so neither guards nor the sessions plugin are asked yet. Throws a Failure.
 */
export async function checkStep(
  task: Task,
  before: readonly CheckedStep[],
  {context: common, passSession, view}: ChainOptions,
): Promise<CheckedStep> {
  const context = await contextOf(task, common, view.output(task))
  const prepared = await prepareTurn(task.request, unasked(context))
  if (!passSession) return {task, context, prepared}
  if (task.request.session.kind === 'ephemeral') {
    throw new Failure('config', 'pass_session_id needs sessions, and this step is to keep none (ephemeral).')
  }

  const goesOnWith = before.findLastIndex((step) => step.prepared.entry.name === prepared.entry.name)
  if (goesOnWith === -1) return {task, context, prepared}
  const {descriptor} = prepared.entry
  if (!descriptor.capabilities.resume) {
    throw new Failure(
      'refused',
      `pass_session_id is refused: ${descriptor.title} cannot go on with a session.`,
    )
  }

  const other = before[goesOnWith]!
  if (other.prepared.turn.cwd !== prepared.turn.cwd) {
    throw new Failure(
      'config',
      `it goes on with the conversation of ${other.task.title}, which is in ${other.prepared.turn.cwd}, not in ${prepared.turn.cwd}.`,
    )
  }

  return {task, context, prepared, goesOnWith}
}

/** Runs steps one after the other, each with what those before it have said. Steps that did not run have no result. */
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
    const donor = step.goesOnWith === undefined ? undefined : results[step.goesOnWith]?.result.session_id
    const done = await onEnd(await runStep(step, {...step.task.request, prompt}, donor, interrupts))
    results.push(done)
    const {outcome} = done.result
    if (outcome === 'cancelled' || (outcome !== 'success' && stopOnFailure)) break
  }

  return results
}

async function runStep(
  {context, prepared: {entry}, task}: CheckedStep,
  request: TurnRequest,
  sessionId: string | undefined,
  interrupts: Interrupts,
): Promise<TaskResult> {
  const asked = {...task, request: sessionId === undefined ? request : resumed(request, sessionId)}
  try {
    const prepared = await prepareTurn(asked.request, context)
    const done = await runTask({task: asked, context, prepared}, interrupts)
    // As it was written: with an answer of 5 MB in it nobody knows it again.
    return {...done, task}
  } catch (error) {
    const result = {...failureResult(asTaskFailure(error)), backend: entry.name}
    await context.output.done(result)
    const now = new Date()
    return {task, backend: entry.name, result, startedAt: now, endedAt: now}
  }
}

function resumed(request: TurnRequest, reference: string): TurnRequest {
  const {session} = request
  return {
    ...request,
    session: {kind: 'named', reference, tags: session.kind === 'ephemeral' ? [] : session.tags},
  }
}

function unasked(context: TurnContext): TurnContext {
  const nothing = () => Promise.resolve(undefined)
  return {...context, hooks: {...context.hooks, guard: nothing, session: nothing}}
}
