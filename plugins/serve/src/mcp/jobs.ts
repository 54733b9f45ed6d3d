import {setMaxListeners} from 'node:events'
import {formatDuration} from 'clinvk-kit/format/time'
import type {ToolAnswer} from './tool.js'

/** What an agent has asked for and may come back for: a turn, or a comparison. */
export class Job {
  /** Of its session, once that is known. */
  session: string | undefined
  isOver = false
  /** What the user should know besides the answer, a sentence each. */
  notes: string[] | undefined
  /** Resolves when it is over; never rejects, unless clinvk has a bug. */
  readonly answer: Promise<ToolAnswer>
  readonly #stop = new AbortController()
  #activity = 'waits for other turns to end'
  #since = Date.now()

  /** `handle` names it while it has no session. */
  constructor(
    readonly handle: string,
    work: (job: Job) => Promise<ToolAnswer>,
  ) {
    setMaxListeners(0, this.#stop.signal)
    this.answer = work(this).finally(() => (this.isOver = true))
    // Whoever waits for it gets the error.
    this.answer.catch(() => undefined)
  }

  get stopped(): AbortSignal {
    return this.#stop.signal
  }

  /** What it does from now on: `codex: Bash npm test`. */
  doing(activity: string): void {
    if (activity === this.#activity) return
    this.#activity = activity
    this.#since = Date.now()
  }

  get activity(): string {
    return `${this.#activity}, ${formatDuration(Date.now() - this.#since)}`
  }

  /** As the user's SIGTERM: the agent ends, and its session is kept. */
  stop(): void {
    this.#stop.abort('SIGTERM')
  }
}

/** The jobs of this process: those that run, and the last ones that are over. */
export class Jobs {
  /** The latest first. */
  #jobs: Job[] = []
  #count = 0

  start(work: (job: Job) => Promise<ToolAnswer>): Job {
    const job = new Job(`job-${++this.#count}`, work)
    let finished = 0
    this.#jobs = [job, ...this.#jobs.filter(({isOver}) => !isOver || ++finished <= MOST_FINISHED)]
    return job
  }

  /** By its handle or the whole id of its session: the latest of that. */
  find(reference: string): Job | undefined {
    return this.#jobs.find(({handle, session}) => handle === reference || session === reference)
  }

  /** Stops all, and waits until their sessions are written. */
  async end(): Promise<void> {
    for (const job of this.#jobs) job.stop()
    await Promise.allSettled(this.#jobs.map(({answer}) => answer))
  }
}

const MOST_FINISHED = 100
