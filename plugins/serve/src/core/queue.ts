import {Failure} from 'clinvk-kit/errors/failure'
import {ServerFailure} from './errors.js'

interface Waiting {
  readonly slots: number
  start(): void
}

export interface QueueOptions {
  /** How many turns run at the same time, and how many wait. */
  readonly slots: number
  readonly mostWaiting: number
  /** Milliseconds that a turn waits at most. Default: for ever. */
  readonly longestWait?: number
  /** Where too many wait, or one has waited for too long. */
  readonly busy: (waiting: number) => Failure
}

/** Lets so many turns run at the same time, and the others wait: first come first served, and of each lane one in turn. */
export class Queue {
  /** In the order in which they are served next. */
  readonly #lanes = new Map<string, Waiting[]>()
  #free: number
  #waiting = 0

  constructor(readonly options: QueueOptions) {
    this.#free = options.slots
  }

  get isIdle(): boolean {
    return this.#waiting === 0 && this.#free === this.options.slots
  }

  /** Does this once there is room. Throws a Failure where it is too busy, and where the client leaves before. */
  async run<T>(lane: string, slots: number, gone: AbortSignal, work: () => Promise<T>): Promise<T> {
    const needed = Math.min(slots, this.options.slots)
    if (this.#waiting === 0 && this.#free >= needed) this.#free -= needed
    else await this.#wait(lane, needed, gone)
    try {
      return await work()
    } finally {
      this.#free += needed
      this.#next()
    }
  }

  #wait(lane: string, slots: number, gone: AbortSignal): Promise<void> {
    const {busy, longestWait, mostWaiting} = this.options
    if (this.#waiting >= mostWaiting) throw busy(this.#waiting)
    const others = this.#lanes.get(lane) ?? []
    this.#lanes.set(lane, others)
    this.#waiting++
    return new Promise((resolve, reject) => {
      const end = () => {
        clearTimeout(timer)
        gone.removeEventListener('abort', leave)
      }
      const start = () => {
        end()
        resolve()
      }
      const own = {slots, start}
      others.push(own)
      const fail = (failure: Failure) => {
        end()
        others.splice(others.indexOf(own), 1)
        if (others.length === 0) this.#lanes.delete(lane)
        this.#waiting--
        reject(failure)
        this.#next()
      }
      const leave = () => fail(new Failure('cancelled', 'Cancelled while it waited for its turn.'))
      const timer = longestWait && setTimeout(() => fail(busy(this.#waiting)), longestWait)
      gone.addEventListener('abort', leave, {once: true})
      if (gone.aborted) leave()
    })
  }

  /** A turn that needs more room than there is lets none pass, so that it comes at last. */
  #next(): void {
    for (const [lane, waiting] of this.#lanes) {
      const [first] = waiting
      if (!first || first.slots > this.#free) return
      waiting.shift()
      this.#lanes.delete(lane)
      if (waiting.length > 0) this.#lanes.set(lane, waiting)
      this.#waiting--
      this.#free -= first.slots
      first.start()
    }
  }
}

/** One turn at a time for each session: a second one waits a while, a third one is refused. */
export class SessionLocks {
  readonly #queues = new Map<string, Queue>()

  async run<T>(id: string, gone: AbortSignal, work: () => Promise<T>): Promise<T> {
    const queue =
      this.#queues.get(id) ??
      new Queue({
        slots: 1,
        mostWaiting: 1,
        longestWait: LONGEST_WAIT_MS,
        busy: () =>
          new ServerFailure('session_busy', `Another turn of session ${id.slice(0, 8)} runs.`, [
            'Try again when it has ended.',
          ]),
      })
    this.#queues.set(id, queue)
    try {
      return await queue.run(id, 1, gone, work)
    } finally {
      if (queue.isIdle) this.#queues.delete(id)
    }
  }
}

const LONGEST_WAIT_MS = 30_000
