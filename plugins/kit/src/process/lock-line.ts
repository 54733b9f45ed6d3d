import {monotonicMs} from '../format/time.js'

/**
 * Those of this process who want the same lock, in the order in which they came: only the first asks the disk, so that a
 * hundred turns of a server do not keep each other from running.
 */
export class LockLine {
  static readonly #lines = new Map<string, LockLine>()

  /** Who has the lock, as far as the first one has seen. */
  #holder: unknown
  #since = monotonicMs()
  readonly #waiting: (() => void)[] = []

  private constructor(readonly path: string) {}

  /** Resolves when everybody who came before has left, to `undefined` where one holder took longer or `stop` aborts. */
  static async join(path: string, timeoutMs: number, stop?: AbortSignal): Promise<LockLine | undefined> {
    const line = LockLine.#lines.get(path)
    if (line) return (await line.#isFirst(timeoutMs, stop)) ? line : undefined
    const empty = new LockLine(path)
    LockLine.#lines.set(path, empty)
    return empty
  }

  /** Milliseconds for which the lock has been seen with this holder. */
  heldFor(holder: unknown): number {
    if (holder !== this.#holder) this.#since = monotonicMs()
    this.#holder = holder
    return monotonicMs() - this.#since
  }

  leave(): void {
    const next = this.#waiting.shift()
    if (next) next()
    else LockLine.#lines.delete(this.path)
  }

  #isFirst(timeoutMs: number, stop?: AbortSignal): Promise<boolean> {
    const joined = monotonicMs()
    return new Promise((resolve) => {
      let timer: NodeJS.Timeout
      const end = (isFirst: boolean) => {
        clearTimeout(timer)
        stop?.removeEventListener('abort', giveUp)
        resolve(isFirst)
      }
      const call = () => end(true)
      const giveUp = () => {
        this.#waiting.splice(this.#waiting.indexOf(call), 1)
        end(false)
      }
      const look = () => {
        const left = Math.max(joined, this.#since) + timeoutMs - monotonicMs()
        if (left > 0 && !stop?.aborted) timer = setTimeout(look, left)
        else giveUp()
      }
      this.#waiting.push(call)
      stop?.addEventListener('abort', giveUp)
      look()
    })
  }
}
