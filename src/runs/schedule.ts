import {setMaxListeners} from 'node:events'
import {exitCode, Failure} from 'clinvk-kit/errors/failure'
import type {Interrupts} from 'clinvk-kit/io'
import {prepareTurn} from 'clinvk-kit/turn/prepare'
import {runPrompt} from 'clinvk-kit/turn/run-prompt'
import {failureResult} from '../errors/report-error.js'
import {type ReadyTask, taskFailure} from './prepare-tasks.js'
import type {TaskResult} from './result.js'
import type {Task} from './task.js'

export interface Schedule {
  /** How many tasks run at the same time. */
  readonly maxParallel: number
  /** After a task that did not succeed: run the others, cancel them, or start no further one, which leaves no result. */
  readonly onFailure: 'continue' | 'cancel' | 'stop'
}

/**
 * Runs tasks, started in their order; the results are in that order, too. `onEnd` is told as each task ends, and what
 * it gives back is kept as the result.
 */
export async function runAll(
  ready: readonly ReadyTask[],
  {maxParallel, onFailure}: Schedule,
  interrupts: Interrupts,
  onEnd: (done: TaskResult) => Promise<TaskResult>,
): Promise<TaskResult[]> {
  const ending = new AbortController()
  const stop = AbortSignal.any([interrupts.stop, ending.signal])
  // Each task that runs listens, and Node takes more than ten for a leak.
  setMaxListeners(0, stop)
  const results: TaskResult[] = []
  let failedTask: Task | undefined
  const run = async (item: ReadyTask): Promise<TaskResult> => {
    const done = stop.aborted
      ? notStarted(item, interrupts)
      : await runTask(item, results, {stop, hurry: interrupts.hurry})
    const {result} = done
    if (result.outcome === 'cancelled' && failedTask) {
      const message = `Cancelled, because ${failedTask.title} failed.`
      return {...done, result: {...result, error: {...result.error!, message}}}
    }
    if (result.error && onFailure === 'cancel' && !stop.aborted) {
      failedTask = item.task
      ending.abort('SIGINT')
    }
    return done
  }
  // All workers take from the same iterator, so each task is taken once.
  const queue = ready.entries()
  const work = async () => {
    try {
      for (const [index, item] of queue) {
        const {result} = (results[index] = await onEnd(await run(item)))
        if (result.error && onFailure === 'stop') return
      }
    } catch (error) {
      // A bug of ours: no agent may outlive it.
      ending.abort('SIGTERM')
      throw error
    }
  }
  const workers = Array.from({length: Math.min(maxParallel, ready.length)}, work)
  const broken = (await Promise.allSettled(workers)).find((end) => end.status === 'rejected')
  if (broken) throw broken.reason
  return results
}

/** Runs a task to its end; whatever happens to it is in the result. */
async function runTask(
  ready: ReadyTask,
  results: readonly TaskResult[],
  interrupts: Interrupts,
): Promise<TaskResult> {
  const {context, prepared: checked, requestAfter, task} = ready
  const backend = checked.entry.name
  const startedAt = new Date()
  try {
    const request = requestAfter?.(results) ?? task.request
    const prepared = requestAfter ? await prepareTurn(request, context) : checked
    const end = await runPrompt({request, context, prepared}, interrupts)
    return {task, backend, ...end, startedAt, endedAt: new Date()}
  } catch (error) {
    const result = {...failureResult(taskFailure(error)), backend}
    await context.output.done(result)
    return {task, backend, result, startedAt, endedAt: new Date()}
  }
}

function notStarted({prepared, task}: ReadyTask, {stop}: Interrupts): TaskResult {
  const backend = prepared.entry.name
  const code = exitCode('cancelled', stop.aborted ? String(stop.reason) : undefined)
  const result = {...failureResult(new Failure('cancelled', 'Cancelled.')), backend, exit_code: code}
  return {task, backend, result}
}
