import type {Interrupts} from 'clinvk-kit/io'
import {prepareTurn} from 'clinvk-kit/turn/prepare'
import type {TurnRequest} from 'clinvk-kit/turn/request'
import {runPrompt} from 'clinvk-kit/turn/run-prompt'
import {failureResult} from '../errors/report-error.js'
import {type ReadyTask, taskFailure} from './prepare-tasks.js'
import type {TaskResult} from './result.js'

/** What becomes of a task that was started before: it has ended, or is sent so. */
export type EarlierTry = (
  request: TurnRequest,
  ready: ReadyTask,
) => Promise<{readonly request: TurnRequest} | {readonly done: TaskResult['result']}>

/** Runs a task to its end; whatever happens to it is in the result. */
export async function runTask(
  ready: ReadyTask,
  results: readonly (TaskResult | undefined)[],
  interrupts: Interrupts,
  earlier?: EarlierTry,
): Promise<TaskResult> {
  const {context, prepared: checked, requestAfter, task} = ready
  const backend = checked.entry.name
  const startedAt = new Date()
  const ended = (result: TaskResult['result']) => ({task, backend, result, startedAt, endedAt: new Date()})
  try {
    const asked = requestAfter?.(results) ?? task.request
    const next = await earlier?.(asked, ready)
    if (next && 'done' in next) return ended(next.done)
    const request = next?.request ?? asked
    const prepared = (requestAfter ?? next) ? await prepareTurn(request, context) : checked
    const end = await runPrompt({request, context, prepared}, interrupts)
    return {...ended(end.result), ...end}
  } catch (error) {
    const result = {...failureResult(taskFailure(error)), backend}
    await context.output.done(result)
    return ended(result)
  }
}
