import {
  closeSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import {hostname} from 'node:os'
import {join} from 'node:path'
import {Failure} from 'clinvk-kit/failure'
import {identify, isAlive} from 'clinvk-kit/process/identity'
import {makeDirectory} from 'clinvk-kit/files/make-directory'

/**
 * Lets one process at a time change the store. Locks are numbered files, and
 * the highest number is the one that counts: who finds it free, or its holder
 * dead, makes the next. The highest is never removed, so two who find the same
 * dead holder cannot both follow it, and who comes late with a number that was
 * passed sees so. A living holder is never robbed, however long it is stopped.
 */
export class StoreLock {
  readonly #directory: string
  #depth = 0

  constructor(directory: string) {
    this.#directory = directory
  }

  /**
   * Runs `action` while no other process is in its own; again at once where this
   * process is in one already. Throws a Failure when another one does not let go
   * within `patience` milliseconds, or many others after each other do not.
   */
  run<T>(action: () => T, patience = PATIENCE_MS): T {
    if (this.#depth > 0) return action()
    const file = this.#acquire(patience)
    this.#depth++
    try {
      return action()
    } finally {
      this.#depth--
      letGo(file)
    }
  }

  /** The process that changes the store at this moment, or keeps others from it. */
  holder(): {readonly pid: number; readonly isHere: boolean} | undefined {
    try {
      const newest = Math.max(0, ...this.#numbers())
      const holder = newest === 0 ? undefined : this.#holder(newest)
      return typeof holder === 'object'
        ? {pid: holder.pid, isHere: holder.place === ourselves().place}
        : undefined
    } catch {
      return undefined
    }
  }

  #acquire(patience: number): number {
    const began = performance.now()
    // The lock that is waited for, and since when; and whether it has been nameless all the time.
    let waited = {number: -1, since: began, isNameless: false}
    for (let round = 0; ; round++) {
      const now = performance.now()
      const newest = Math.max(0, ...this.#numbers())
      // The first one ever.
      if (newest === 0) makeDirectory(this.#directory)
      let holder = newest === 0 ? 'nobody' : this.#holder(newest)
      const isNameless = holder === 'nameless'
      if (waited.number !== newest || waited.isNameless !== isNameless)
        waited = {number: newest, since: performance.now(), isNameless}
      // It was read after `now`: `take` then no longer takes it for its own.
      if (isNameless && now - waited.since > NEWBORN_MS) holder = 'nobody'
      const file = holder === 'nobody' ? this.#take(newest + 1) : undefined
      if (file !== undefined) return file
      if (now - waited.since > patience || now - began > HOLDERS * patience) throw stuck(holder)
      // Many who ask often would leave the holder no time.
      sleep(Math.random() * Math.min(LONGEST_SLEEP_MS, 1.5 ** round))
    }
  }

  /** The lock with this number, opened; undefined when somebody else was faster. */
  #take(number: number): number | undefined {
    const path = this.#path(number)
    const began = performance.now()
    let file
    try {
      file = openSync(path, 'wx', 0o600)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined
      throw error
    }

    try {
      writeSync(file, `${HELD} ${JSON.stringify(ourselves())}\n`)
      const numbers = this.#numbers()
      if (Math.max(...numbers) !== number) {
        remove(path)
      } else if (performance.now() - began < NEWBORN_MS / 2) {
        // The last few stay: a directory that is read while it changes may miss one name, not all of these.
        for (const old of numbers) if (old <= number - KEPT) remove(this.#path(old))
        return file
      }
    } catch (error) {
      letGo(file)
      throw error
    }

    // Passed, or nameless for so long that somebody may take it for left behind.
    letGo(file)
    return undefined
  }

  /** Who holds the lock with this number: nobody when it is free or its holder has died. */
  #holder(number: number): Holder | 'nobody' | 'nameless' | 'somebody' {
    const path = this.#path(number)
    try {
      const text = readFileSync(path, 'utf8')
      if (text.startsWith(FREE)) return 'nobody'
      const holder = holderOf(text)
      if (!holder) return 'nameless'
      // A process of another machine cannot be asked; none takes this long.
      const isGone = holder.place === ourselves().place ? !isAlive(holder) : isOld(path)
      return isGone ? 'nobody' : holder
    } catch (error) {
      // Passed and removed since its name was read.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'somebody'
      // Another user's (`sudo clinvk`), which cannot be read.
      return isOld(path) ? 'nobody' : 'somebody'
    }
  }

  #numbers(): number[] {
    return namesIn(this.#directory).flatMap((name) => {
      const digits = /^lock\.(\d+)$/.exec(name)?.[1]
      return digits === undefined ? [] : [Number(digits)]
    })
  }

  #path(number: number): string {
    return join(this.#directory, `lock.${number}`)
  }
}

interface Holder {
  readonly pid: number
  readonly started: string
  readonly place: string
}

function ourselves(): Holder {
  own ??= {pid: process.pid, started: identify(process.pid)?.started ?? 'unknown', place: place()}
  return own
}

let own: Holder | undefined

/** Within which a process is known by its number: a machine, or a container on it. */
function place(): string {
  try {
    return `${hostname()} ${readlinkSync('/proc/self/ns/pid')}`
  } catch {
    return hostname()
  }
}

/** Undefined for a lock that has just been made and is empty, or was left behind so. */
function holderOf(text: string): Holder | undefined {
  try {
    return JSON.parse(text.slice(HELD.length)) as Holder
  } catch {
    return undefined
  }
}

/** One write of as many bytes as `held` has: nobody sees a half of it. Where a full disk refuses even that, it is nameless. */
function letGo(file: number): void {
  try {
    writeSync(file, FREE, 0)
  } catch {
    ftruncateSync(file)
  } finally {
    closeSync(file)
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

function isOld(path: string): boolean {
  return Date.now() - (statSync(path, {throwIfNoEntry: false})?.mtimeMs ?? Infinity) > OLD_MS
}

function stuck(holder: Holder | string): Failure {
  const known = typeof holder === 'object' ? holder : undefined
  const isHere = known?.place === ourselves().place
  const who = known
    ? `process ${known.pid}${isHere ? '' : ' of another machine or container'}`
    : 'another process'
  return new Failure('session', `The sessions cannot be changed: ${who} holds them and does not go on.`, [
    ...(known && isHere ? [`Look at it: ps -p ${known.pid}`] : []),
    'Then try again.',
  ])
}

function remove(path: string): void {
  try {
    unlinkSync(path)
  } catch {
    // Removed by somebody else, or not removable: it does not count any more.
  }
}

/** Blocks: what waits here is a fraction of a millisecond of somebody else's work. */
function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

const HELD = 'held'
const FREE = 'free'
const KEPT = 8
const PATIENCE_MS = 10_000
/** So many times the patience is enough, also where nobody holds the lock for long. */
const HOLDERS = 6
const LONGEST_SLEEP_MS = 100
const OLD_MS = 30_000
/** Between its making and its first byte a lock is empty; one that is seen so for longer was left by the dead. */
const NEWBORN_MS = 200
