import {closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, readlinkSync} from 'node:fs'
import {renameSync, rmdirSync, rmSync, unlinkSync} from 'node:fs'
import {hostname} from 'node:os'
import {dirname, join} from 'node:path'
import {setTimeout as pause} from 'node:timers/promises'
import {Failure} from '../errors/failure.js'
import {makeDirectory} from '../files/replace-file.js'
import {monotonicMs} from '../format/time.js'
import {identify} from './identity.js'

/**
 * A lock between processes: a directory with one entry, whose name says who holds it. A process makes the
 * entry in a directory of its own and renames that to the path of the lock, which the system refuses while
 * the directory there has an entry. Releasing the lock, or taking over a stale one, removes the entry by its
 * name. Names are unique, so this never removes the lock of a process that has acquired it meanwhile. No
 * clock is compared.
 */
export class LockFile {
  /** `what` it protects is the subject of a sentence: `The sessions`; `kind` is that of the Failure when it is not free. */
  constructor(
    readonly path: string,
    readonly what: string,
    readonly kind: Failure['kind'] = 'session',
    /** Ends the wait for the lock with a Failure of kind `cancelled`. */
    readonly stop?: AbortSignal,
  ) {}

  /** Runs `action` while nobody else holds the lock. Throws a Failure when it is not free in time. */
  async run<T>(action: (lock: Lock) => T | Promise<T>, timeoutMs?: number): Promise<T> {
    const lock = await this.acquire(timeoutMs)
    try {
      return await action(lock)
    } finally {
      lock.release()
    }
  }

  /**
   * Waits while one holder has it for `timeoutMs`. Those of this process wait in the order in which they came: only the
   * first keeps asking the disk, so that a hundred turns of a server do not keep each other from running.
   */
  async acquire(timeoutMs = 10_000): Promise<Lock> {
    const before = LAST.get(this.path)
    let leave!: () => void
    const last = Promise.all([before, new Promise<void>((resolve) => (leave = resolve))])
    LAST.set(this.path, last)
    void last.then(() => LAST.get(this.path) === last && LAST.delete(this.path))
    let isFirst = before === undefined
    const called = before?.then(() => (isFirst = true))
    try {
      let entry = ''
      let since = monotonicMs()
      for (let attempt = 0; ; attempt++) {
        const lock = isFirst ? this.tryAcquire() : undefined
        if (lock)
          return {
            check: lock.check,
            release() {
              lock.release()
              leave()
            },
          }
        const now = this.holder()?.entry ?? ''
        if (now !== entry) since = monotonicMs()
        entry = now
        const left = since + timeoutMs - monotonicMs()
        if (left <= 0 || this.stop?.aborted) throw this.#notAcquired()
        // Random, so that the first ones of many processes do not all try at the same moments.
        if (isFirst) await pause(Math.random() * Math.min(MAX_PAUSE_MS, 2 ** attempt))
        else
          await Promise.race([
            called,
            pause(Math.min(left, LOOK_MS), undefined, {ref: false, signal: this.stop}),
          ])
      }
    } catch (error) {
      leave()
      throw this.stop?.aborted ? this.#notAcquired() : error
    }
  }

  /** The lock, if it is free or stale. */
  tryAcquire(): Lock | undefined {
    const holder = this.holder()
    if (holder && holder.state !== 'dead') return undefined
    if (holder) this.#remove(holder.entry)
    const random = Math.random().toString(36).slice(2)
    const started = identify(process.pid)?.started ?? ''
    const entry = [process.pid, started, placeOfThisProcess(), random].map(encodeURIComponent).join(',')
    const temporary = `${this.path}.new-${random}`
    if (!existsSync(dirname(this.path))) makeDirectory(dirname(this.path))
    mkdirSync(temporary, {mode: 0o700})
    try {
      closeSync(openSync(join(temporary, entry), 'wx', 0o600))
      renameSync(temporary, this.path)
    } catch (error) {
      rmSync(temporary, {recursive: true, force: true})
      if (OCCUPIED.has((error as NodeJS.ErrnoException).code!)) return undefined
      throw error
    }

    const check = () => {
      if (existsSync(join(this.path, entry))) return
      throw new Failure('session', `The lock ${this.path} was removed while it was in use.`, ['Try again.'])
    }
    return {check, release: () => this.#remove(entry)}
  }

  /** Who holds the lock; undefined when it is free. */
  holder(): LockHolder | undefined {
    try {
      const [entry] = readdirSync(this.path)
      if (entry === undefined) return undefined
      const [pid = '', started = '', place = ''] = entry.split(',').map(decodeURIComponent)
      if (!/^[1-9]\d*$/.test(pid)) return {entry, state: 'unknown'}
      return {entry, pid: Number(pid), state: stateOf(Number(pid), started, place)}
    } catch {
      // A lock that cannot be read belongs to another user, or was not made by clinvk.
      return existsSync(this.path) ? {entry: '', state: 'unknown'} : undefined
    }
  }

  #notAcquired(): Failure {
    if (this.stop?.aborted) return new Failure('cancelled', 'Interrupted: nothing was changed.')
    const {pid, state} = this.holder() ?? {}
    const who = pid === undefined ? 'another process' : `process ${pid}`
    const where = pid !== undefined && state === 'unknown' ? ' of another machine or container' : ''
    return new Failure(
      this.kind,
      `${this.what} cannot be changed: ${who}${where} holds the lock ${this.path}`,
      [
        ...(state === 'alive' ? [`Look at it: ps -p ${pid}`] : []),
        'Try again. If no clinvk runs there any more: clinvk doctor --fix',
      ],
    )
  }

  #remove(entry: string): void {
    const path = join(this.path, entry)
    try {
      unlinkSync(path)
    } catch {
      // On Windows another program may have it open for a moment.
      rmSync(path, {force: true, maxRetries: 5})
    }

    try {
      rmdirSync(this.path)
    } catch {
      // Acquired by another process already. An empty directory is a free lock as well.
    }
  }
}

export interface Lock {
  /** Throws a Failure if the lock was removed meanwhile. To be called just before a change takes effect. */
  readonly check: () => void
  readonly release: () => void
}

export interface LockHolder {
  readonly entry: string
  readonly pid?: number
  /** `unknown`: of another machine or container, or not made by clinvk. The lock of a `dead` one is stale. */
  readonly state: 'alive' | 'dead' | 'unknown'
}

function stateOf(pid: number, started: string, place: string): LockHolder['state'] {
  if (place === '' || place !== placeOfThisProcess()) return 'unknown'
  const now = identify(pid)
  if (now) return started === '' || now.started === started ? 'alive' : 'dead'
  try {
    process.kill(pid, 0)
    // A zombie, unless no process can be identified here.
    return identify(process.pid) ? 'dead' : 'alive'
  } catch (error) {
    // Processes of other users may be hidden.
    return (error as NodeJS.ErrnoException).code === 'ESRCH' ? 'dead' : 'alive'
  }
}

/** Within which a process is known by its pid: a machine, or a container on it. Empty when unknown. */
function placeOfThisProcess(): string {
  if (process.platform !== 'linux') return hostname()
  try {
    // Without a /proc of its own, a container sees the processes of the machine under other pids.
    if (readlinkSync('/proc/self') !== String(process.pid)) return ''
    const machine = existsSync(MACHINE_ID) ? readFileSync(MACHINE_ID, 'latin1').trim() : ''
    return [hostname(), machine, readlinkSync('/proc/self/ns/pid')].join(' ')
  } catch {
    return ''
  }
}

const MAX_PAUSE_MS = 100
/** How often who waits behind others of this process sees whether the holder has changed. */
const LOOK_MS = 1000
const MACHINE_ID = '/etc/machine-id'
/** What the rename fails with while another process holds the lock; EPERM and EACCES on Windows. */
const OCCUPIED = new Set(['EEXIST', 'ENOTEMPTY', 'ENOTDIR', 'EPERM', 'EACCES'])
/** By path, settled when everybody of this process who wants the lock has had it, or has given up. */
const LAST = new Map<string, Promise<unknown>>()
