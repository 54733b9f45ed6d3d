import type {Interrupts} from 'clinvk-kit/io'
import {isDryRun} from 'clinvk-kit/turn/prepare'
import {runTurn} from 'clinvk-kit/turn/run-turn'
import {asTaskFailure, failureResult} from '../errors/failure-result.js'
import type {ReadyTask} from './check-tasks.js'
import type {TaskResult} from './task-result.js'

/** Runs a task to its end; whatever happens to it is in the result. */
export async function runTask(
  {context, prepared, task}: ReadyTask,
  interrupts: Interrupts,
): Promise<TaskResult> {
  const backend = prepared.entry.name
  const startedAt = new Date()
  if (isDryRun(task.request, context.settings)) {
    const result = {
      backend,
      content: '',
      outcome: 'success' as const,
      exit_code: 0,
      duration_seconds: 0,
      denials: [],
      working_dir: prepared.turn.cwd,
    }
    return {task, backend, result, startedAt, endedAt: startedAt, dryRun: prepared}
  }

  try {
    const result = await runTurn(prepared, context, interrupts)
    return {task, backend, result, startedAt, endedAt: new Date()}
  } catch (error) {
    const result = {...failureResult(asTaskFailure(error)), backend}
    await context.output.done(result)
    return {task, backend, result, startedAt, endedAt: new Date()}
  }
}
