/** A timer that can be paused, as often as one likes at once: it runs on when every pause has ended. */
export class PausableTimer {
  readonly #limit: number
  readonly #onEnd: (limit: number) => void
  #left: number
  #since = Date.now()
  #pauses = 0
  #timer: NodeJS.Timeout | undefined

  /** With a limit of `Infinity` it never ends. */
  constructor(limitMs: number, onEnd: (limitMs: number) => void) {
    this.#limit = limitMs
    this.#onEnd = onEnd
    this.#left = limitMs
    this.#run()
  }

  pause(): void {
    if (this.#pauses++ > 0) return
    clearTimeout(this.#timer)
    this.#left -= Date.now() - this.#since
  }

  resume(): void {
    if (--this.#pauses === 0) this.#run()
  }

  /** The whole time begins anew. */
  restart(): void {
    this.#left = this.#limit
    if (this.#pauses === 0) this.#run()
  }

  cancel(): void {
    clearTimeout(this.#timer)
    this.#pauses = Infinity
  }

  #run(): void {
    clearTimeout(this.#timer)
    if (this.#limit === Infinity) return
    this.#since = Date.now()
    this.#timer = setTimeout(() => this.#onEnd(this.#limit), Math.max(0, this.#left))
  }
}
