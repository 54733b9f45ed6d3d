import {closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, readlinkSync} from 'node:fs'
import {renameSync, rmdirSync, rmSync, unlinkSync} from 'node:fs'
import {hostname} from 'node:os'
import {dirname, join} from 'node:path'
import {setTimeout as pause} from 'node:timers/promises'
import {Failure} from '../errors/failure.js'
import {makeDirectory} from '../files/replace-file.js'
import {monotonicMs} from '../format/time.js'
import {identify} from './identity.js'
import {LockLine} from './lock-line.js'

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

  /** Runs `action` while no other process holds the lock. Throws a Failure when it is not free in time. */
  async run<T>(action: (lock: Lock) => T | Promise<T>, timeoutMs?: number): Promise<T> {
    const lock = await this.acquire(timeoutMs)
    try {
      return await action(lock)
    } finally {
      lock.release()
    }
  }

  /** Waits no longer than `timeoutMs` for one holder. */
  async acquire(timeoutMs = 10_000): Promise<Lock> {
    const line = await LockLine.join(this.path, timeoutMs, this.stop)
    if (!line) throw this.#notAcquired()
    try {
      const {check, release} = await this.#asFirst(line, timeoutMs)
      return {
        check,
        release() {
          release()
          line.leave()
        },
      }
    } catch (error) {
      line.leave()
      throw error
    }
  }

  /** Waits for other processes. */
  async #asFirst(line: LockLine, timeoutMs: number): Promise<Lock> {
    const began = monotonicMs()
    for (let attempt = 0; ; attempt++) {
      const lock = this.tryAcquire()
      const held = line.heldFor(lock ?? this.holder()?.entry)
      if (lock) return lock
      if (this.stop?.aborted || Math.min(held, monotonicMs() - began) >= timeoutMs) throw this.#notAcquired()
      // Random, so that many waiters do not all try at the same moments.
      await pause(Math.random() * Math.min(MAX_PAUSE_MS, 2 ** attempt))
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
      // Windows renames nothing to an empty directory, which a process that died while releasing may have left.
      this.#removeEmpty()
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
      return entry === undefined ? undefined : holderOf(entry)
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
    try {
      unlinkSync(join(this.path, entry))
    } catch {
      // On Windows another program may have it open for a moment.
      rmSync(join(this.path, entry), {force: true, maxRetries: 5})
    }

    this.#removeEmpty()
  }

  #removeEmpty(): void {
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

function holderOf(entry: string): LockHolder {
  const [pid = '', started = '', place = ''] = entry.split(',').map(decodeURIComponent)
  if (!/^[1-9]\d*$/.test(pid)) return {entry, state: 'unknown'}
  const isHere = place !== '' && place === placeOfThisProcess()
  return {
    entry,
    pid: Number(pid),
    state: !isHere ? 'unknown' : isDead(Number(pid), started) ? 'dead' : 'alive',
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

/** Only where that is certain: a holder that cannot be identified counts as alive. */
function isDead(pid: number, started: string): boolean {
  let isOurs = true
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return true
    isOurs = false
  }

  const now = identify(pid)
  if (now) return started !== '' && now.started !== started
  // A zombie, unless processes of other users are hidden, or none can be identified here.
  return isOurs && identify(process.pid) !== undefined
}

const MAX_PAUSE_MS = 100
const MACHINE_ID = '/etc/machine-id'
/** What the rename fails with while another process holds the lock; EPERM and EACCES on Windows. */
const OCCUPIED = new Set(['EEXIST', 'ENOTEMPTY', 'ENOTDIR', 'EPERM', 'EACCES'])
