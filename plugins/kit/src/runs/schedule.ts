import {setMaxListeners} from 'node:events'
import {exitCode, Failure} from '../errors/failure.js'
import type {Interrupts} from '../io.js'
import {failureResult} from '../turn/result.js'
import type {ReadyTask} from './prepare-tasks.js'
import type {TaskResult} from './result.js'
import type {Task} from './task.js'

export interface Schedule {
  readonly maxParallel: number
  /** Whether the other tasks are cancelled after one that did not succeed. */
  readonly failFast?: boolean
  /** A task that is skipped has no result. */
  readonly leavesOutSkipped?: boolean
}

/**
 * Runs each task as soon as those that it needs have ended and there is room, in the order of the run where several
 * could start. The results are in that order, too. `onWaiting` is to be told when a task begins to wait for a limit of its
 * agent, and when it continues: others take its place. What `onEnd` gives back is kept as the result.
 */
export async function runAll(
  ready: readonly ReadyTask[],
  {failFast, maxParallel}: Schedule,
  interrupts: Interrupts,
  start: (
    ready: ReadyTask,
    results: readonly (TaskResult | undefined)[],
    interrupts: Interrupts,
    onWaiting: (isWaiting: boolean) => void,
  ) => Promise<TaskResult>,
  onEnd: (done: TaskResult) => Promise<TaskResult>,
): Promise<TaskResult[]> {
  const ending = new AbortController()
  const stop = AbortSignal.any([interrupts.stop, ending.signal])
  // Each task that runs listens, and Node takes more than ten for a leak.
  setMaxListeners(0, stop)
  const results: (TaskResult | undefined)[] = []
  let failedTask: Task | undefined
  const room = new Room(maxParallel)
  const onWaiting = (isWaiting: boolean) => (isWaiting ? room.leave() : room.comeBack())
  const run = async (item: ReadyTask): Promise<TaskResult> => {
    const done = stop.aborted
      ? notStarted(item, cancelled(stop))
      : await start(item, results, {stop, hurry: interrupts.hurry}, onWaiting)
    const {result} = done
    if (result.outcome === 'cancelled' && failedTask) {
      const message = `Cancelled, because ${failedTask.title} failed.`
      return {...done, result: {...result, error: {...result.error!, message}}}
    }
    if (result.error && failFast && !stop.aborted) {
      failedTask = item.task
      ending.abort('SIGINT')
    }
    return done
  }

  const ends = new Map<number, Promise<TaskResult>>()
  const endOf = (index: number): Promise<TaskResult> => {
    const end = ends.get(index) ?? runOne(index)
    ends.set(index, end)
    return end
  }
  const runOne = async (index: number): Promise<TaskResult> => {
    const item = ready[index]!
    if (item.past) return (results[index] = item.past)
    const why = whySkipped(item.task, await Promise.all(item.task.needs.map(endOf)))
    const end = async (done: TaskResult) => (results[index] = await onEnd(done))
    if (why !== undefined) return end({...notStarted(item, cancelled(stop, why)), isSkipped: true})
    return room.run(async () => end(await run(item)))
  }
  const all = ready.map((_, index) =>
    endOf(index).catch((error: unknown) => {
      // A bug of ours: no agent may outlive it.
      ending.abort('SIGTERM')
      throw error
    }),
  )
  await Promise.allSettled(all)
  return Promise.all(all)
}

function whySkipped({when}: Task, needed: readonly TaskResult[]): string | undefined {
  if (when === 'always') return undefined
  const failed = needed.find(({result}) => result.outcome !== 'success')
  if (when === 'success') return failed && `Not run, because ${failed.task.title} did not succeed.`
  return failed || needed.length === 0 ? undefined : 'Not run, because what it needs has succeeded.'
}

export function notStarted({prepared, task}: ReadyTask, result: TaskResult['result']): TaskResult {
  const backend = prepared.entry.name
  return {task, backend, result: {...result, backend}}
}

function cancelled({aborted, reason}: AbortSignal, message = 'Cancelled.'): TaskResult['result'] {
  const code = exitCode('cancelled', aborted ? String(reason) : undefined)
  return {...failureResult(new Failure('cancelled', message)), exit_code: code}
}

/** Runs at most so many pieces of work at a time, in the order in which they were given. */
class Room {
  #running = 0
  readonly #waiting: (() => void)[] = []

  constructor(readonly most: number) {}

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.most) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    else this.#running++
    try {
      return await work()
    } finally {
      this.leave()
    }
  }

  /** The next one takes the place. */
  leave(): void {
    const next = this.#running > this.most ? undefined : this.#waiting.shift()
    if (next) next()
    else this.#running--
  }

  /** At once: for a moment there may be one more. */
  comeBack(): void {
    this.#running++
  }
}
