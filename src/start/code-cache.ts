import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import {dirname, join} from 'node:path'
import type {Script} from 'node:vm'

/**
 * What V8 has compiled of our scripts, kept from one start to the next: compiling
 * takes longer than all that a short command does. Losing it only costs time; but
 * what it holds is executed, so it is taken only from a directory that nobody else
 * can write to, and only whole.
 *
 * Names say for what it was made: Node and processor, the very file, and `purpose`,
 * since only functions that ran are kept, and each command runs others.
 */
export class CodeCache {
  readonly #directory: string | undefined
  readonly #purpose: string
  readonly #scripts = new Map<string, Script>()

  constructor(directory: string | undefined, purpose: string) {
    this.#directory = directory !== undefined && isOurs(directory) ? directory : undefined
    this.#purpose = purpose
  }

  /** What was kept for the script in `file`; undefined when there is nothing, or nothing that can be trusted. */
  read(file: string): Buffer | undefined {
    if (this.#directory === undefined) return undefined
    try {
      const twice = readFileSync(join(this.#directory, this.#name(file)))
      const half = twice.length / 2
      const [once, again] = [twice.subarray(0, half), twice.subarray(half)]
      return once.equals(again) ? once : undefined
    } catch {
      return undefined
    }
  }

  /** Keeps, when this process ends, what has been compiled by then of the script in `file`: the functions that ran. */
  keep(file: string, script: Script): void {
    if (this.#directory === undefined) return
    if (this.#scripts.size === 0) {
      process.once('exit', () => {
        for (const [file, script] of this.#scripts) this.#write(this.#directory!, file, script)
      })
    }

    this.#scripts.set(file, script)
  }

  #write(directory: string, file: string, script: Script): void {
    try {
      makeDirectory(directory)
      if (!isOurs(directory)) return
      const target = join(directory, this.#name(file))
      const data = script.createCachedData()
      // V8 itself looks at the head alone, and crashes on the rest of a damaged one.
      writeFileSync(`${target}.${process.pid}`, Buffer.concat([data, data]), {mode: 0o600, flag: 'wx'})
      renameSync(`${target}.${process.pid}`, target)
      forgetOld(directory)
    } catch {
      // A home that cannot be written to, a full disk: the next start takes as long as this one.
    }
  }

  #name(file: string): string {
    // npm gives every file the same time of change, and V8 compares the length alone; nobody can set `ctime`.
    const {ctimeMs, dev, ino, mtimeMs, size} = statSync(file)
    const made = [process.version, process.arch, dev, ino, size, mtimeMs, ctimeMs].join('-')
    return `${made}.${this.#purpose}`
  }
}

/** Whether nobody else can write there; true of one that is not there yet. */
function isOurs(directory: string): boolean {
  try {
    const stats = lstatSync(directory, {throwIfNoEntry: false})
    if (!stats || process.getuid === undefined) return true
    return stats.isDirectory() && stats.uid === process.getuid() && (stats.mode & 0o077) === 0
  } catch {
    return false
  }
}

/** Step by step: with `recursive`, Node looks for a place that can be made for ever where there is none, as below `/proc`. */
function makeDirectory(directory: string): void {
  if (existsSync(directory)) return
  if (dirname(directory) !== directory) makeDirectory(dirname(directory))
  mkdirSync(directory, {mode: 0o700})
}

/** What other versions of clinvk and Node have left behind, and writers that were killed. */
function forgetOld(directory: string): void {
  for (const name of readdirSync(directory)) {
    const path = join(directory, name)
    if (Date.now() - statSync(path).mtimeMs > OLD_MS) rmSync(path, {force: true})
  }
}

/** A month. What is still in use then is made anew. */
const OLD_MS = 30 * 24 * 60 * 60 * 1000
