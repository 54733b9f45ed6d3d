/**
 * A limit on the time that an agent is waited for. It stands still between
 * `hold` and `release`: while the reader of the output takes its time, it is
 * the agent who waits.
 */
export class WaitingTime {
  readonly #limit: number
  readonly #onEnd: (limit: number) => void
  #left: number
  #since = Date.now()
  #holds = 0
  #timer: NodeJS.Timeout | undefined

  constructor(limit: number, onEnd: (limit: number) => void) {
    this.#limit = limit
    this.#onEnd = onEnd
    this.#left = limit
    this.#run()
  }

  hold(): void {
    if (this.#holds++ > 0) return
    clearTimeout(this.#timer)
    this.#left -= Date.now() - this.#since
  }

  release(): void {
    if (--this.#holds === 0) this.#run()
  }

  /** A sign of life: the time begins anew. */
  refresh(): void {
    this.#left = this.#limit
    if (this.#holds === 0) this.#run()
  }

  end(): void {
    clearTimeout(this.#timer)
    this.#holds = Infinity
  }

  #run(): void {
    clearTimeout(this.#timer)
    this.#since = Date.now()
    this.#timer = setTimeout(() => this.#onEnd(this.#limit), Math.max(0, this.#left))
  }
}
