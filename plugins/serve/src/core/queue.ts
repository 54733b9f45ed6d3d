import {Failure} from 'clinvk-kit/errors/failure'
import {ServerFailure} from './errors.js'

interface Waiting {
  readonly places: number
  start(): void
}

/** Lets so many turns run at the same time, and the others wait: first come first served, and of each lane one in turn. */
export class Queue {
  /** In the order in which they are served next. */
  readonly #lanes = new Map<string, Waiting[]>()
  #free: number
  #waiting = 0

  constructor(
    readonly places: number,
    readonly mostWaiting: number,
  ) {
    this.#free = places
  }

  /**
   * Resolves once there is room, to the function that gives it back. Throws a Failure where too many wait already, and
   * where the client leaves.
   */
  async enter(lane: string, places: number, gone: AbortSignal): Promise<() => void> {
    const needed = Math.min(places, this.places)
    if (this.#waiting === 0 && this.#free >= needed) this.#free -= needed
    else await this.#wait(lane, needed, gone)
    return () => {
      this.#free += needed
      this.#next()
    }
  }

  async #wait(lane: string, places: number, gone: AbortSignal): Promise<void> {
    if (this.#waiting >= this.mostWaiting)
      throw new ServerFailure('busy', `${this.places} turns run, and ${this.#waiting} wait.`, [
        'Try again later, or allow more: clinvk config set server.max_turns N',
      ])
    const others = this.#lanes.get(lane) ?? []
    this.#lanes.set(lane, others)
    this.#waiting++
    await whenCalled(gone, (start) => {
      const own = {places, start}
      others.push(own)
      return () => {
        others.splice(others.indexOf(own), 1)
        if (others.length === 0) this.#lanes.delete(lane)
        this.#waiting--
        this.#next()
      }
    })
  }

  /** A turn that needs more room than there is lets none pass, so that it comes at last. */
  #next(): void {
    for (const [lane, waiting] of this.#lanes) {
      const [first] = waiting
      if (!first || first.places > this.#free) return
      waiting.shift()
      this.#lanes.delete(lane)
      if (waiting.length > 0) this.#lanes.set(lane, waiting)
      this.#waiting--
      this.#free -= first.places
      first.start()
    }
  }
}

/** One turn at a time for each session: a second one waits a while, a third one is refused. */
export class SessionLocks {
  /** Of each session that a turn holds, who waits for it. */
  readonly #held = new Map<string, (() => void)[]>()

  async take(id: string, gone: AbortSignal): Promise<() => void> {
    const waiting = this.#held.get(id)
    if (!waiting) this.#held.set(id, [])
    else if (waiting.length > 0) throw busySession(id)
    else
      await whenCalled(
        gone,
        (start) => {
          waiting.push(start)
          return () => waiting.splice(waiting.indexOf(start), 1)
        },
        {ms: LONGEST_WAIT_MS, failure: () => busySession(id)},
      )
    return () => {
      const next = this.#held.get(id)?.shift()
      if (next) next()
      else this.#held.delete(id)
    }
  }
}

/** Resolves when the function that `begin` is given is called; `begin` returns how to take that back. */
function whenCalled(
  gone: AbortSignal,
  begin: (call: () => void) => () => void,
  limit?: {ms: number; failure: () => Error},
): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer)
      gone.removeEventListener('abort', leave)
    }
    const undo = begin(() => {
      end()
      resolve()
    })
    const fail = (error: Error) => {
      end()
      undo()
      reject(error)
    }
    const leave = () => fail(new Failure('cancelled', 'Cancelled while it waited for its turn.'))
    const timer = limit && setTimeout(() => fail(limit.failure()), limit.ms)
    gone.addEventListener('abort', leave, {once: true})
    if (gone.aborted) leave()
  })
}

function busySession(id: string): ServerFailure {
  return new ServerFailure(
    'session_busy',
    `Another turn of session ${id.slice(0, 8)} runs.`,
    ['Try again when it has ended.'],
    'session',
  )
}

const LONGEST_WAIT_MS = 30_000
