import {setMaxListeners} from 'node:events'
import {exitCode} from 'clinvk-kit/errors/failure'
import type {Interrupts} from 'clinvk-kit/io'
import type {ReadyTask} from './check-tasks.js'
import {runTask} from './run-task.js'
import type {Task} from './task.js'
import {cancelledTask, type TaskResult} from './task-result.js'

export interface RunAllOptions {
  /** How many tasks run at once. */
  readonly maxParallel: number
  /** The first task that fails ends all others. */
  readonly failFast: boolean
  readonly interrupts: Interrupts
  /** Told as each task ends. What it gives back is kept as the result. */
  readonly onEnd: (done: TaskResult) => Promise<TaskResult>
}

/** Runs tasks, so many at a time, begun in their order. The results are in that order, too. */
export async function runAll(ready: readonly ReadyTask[], options: RunAllOptions): Promise<TaskResult[]> {
  const {failFast, interrupts, maxParallel} = options
  const ending = new AbortController()
  const stop = AbortSignal.any([interrupts.stop, ending.signal])
  // Each task that runs listens, and Node takes more than ten for a leak.
  setMaxListeners(0, stop)
  const isOver = () => stop.aborted
  const results: TaskResult[] = []
  let failedTask: Task | undefined
  const run = async (item: ReadyTask): Promise<TaskResult> => {
    const because = () => (failedTask ? `Cancelled, because ${failedTask.title} failed.` : 'Cancelled.')
    if (isOver()) {
      const signal = interrupts.stop.aborted ? String(interrupts.stop.reason) : undefined
      return cancelledTask(item.task, item.prepared.entry.name, because(), exitCode('cancelled', signal))
    }

    const done = await runTask(item, {stop, hurry: interrupts.hurry})
    const {error, outcome} = done.result
    if (outcome === 'cancelled')
      return {...done, result: {...done.result, error: {...error!, message: because()}}}
    if (error && failFast && !isOver()) {
      failedTask = item.task
      ending.abort('SIGINT')
    }

    return done
  }

  // All workers take from the same iterator, so each task is taken once.
  const queue = ready.entries()
  const work = async () => {
    try {
      for (const [index, item] of queue) results[index] = await options.onEnd(await run(item))
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
