import {
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  type Stats,
  unlinkSync,
  utimesSync,
} from 'node:fs'
import {join, sep} from 'node:path'
import {makeDirectory} from 'clinvk-kit/files/make-directory'
import {type PreparedFile, prepareFile, TEMPORARY_PREFIX} from 'clinvk-kit/files/replace-file'
import {parseSession, type SessionFile} from './session-file.js'

/** The directory of session files, and nothing else: names, contents, and how to tell that they have changed. */
export class SessionFiles {
  readonly directory: string
  readonly #scratch: string

  /** `scratch` is for files that are being written; it lies beside the directory, whose own time must not change by them. */
  constructor(directory: string, scratch: string) {
    this.directory = directory
    this.#scratch = scratch
  }

  path(id: string): string {
    // Faster than `join`, which takes longer than the system does to look at a file.
    return `${this.directory}${sep}${id}.json`
  }

  /** Ids of all session files, in no order. */
  ids(): string[] {
    return namesIn(this.directory).flatMap((name) =>
      name.endsWith('.json') && isId(name.slice(0, -5)) ? [name.slice(0, -5)] : [],
    )
  }

  /** What stands in the file of a session; undefined when there is none. */
  read(id: string): SessionFile | Unreadable | undefined {
    try {
      const session = parseSession(readFileSync(this.path(id), 'utf8'))
      return typeof session === 'string' || session.id === id ? session : 'unreadable'
    } catch (error) {
      if (isMissing(error)) return undefined
      return (error as NodeJS.ErrnoException).code === 'EISDIR' ? 'unreadable' : 'inaccessible'
    }
  }

  /** Tells one content of a file from another; undefined when there is no file. */
  stamp(id: string): string | undefined {
    try {
      return stampOf(statSync(this.path(id)))
    } catch (error) {
      return isMissing(error) ? undefined : 'inaccessible'
    }
  }

  /** Writes a session to a temporary file that can take the place of the old one. */
  prepare(session: SessionFile): Promise<PreparedFile> {
    for (const directory of [this.directory, this.#scratch])
      if (!existsSync(directory)) makeDirectory(directory)
    const content = `${JSON.stringify(session, undefined, 2)}\n`
    return prepareFile(this.path(session.id), content, {directory: this.#temporaryDirectory()})
  }

  remove(id: string): void {
    try {
      unlinkSync(this.path(id))
    } catch (error) {
      if (!isMissing(error)) throw error
    }
  }

  /** When a name in the directory last changed, in nanoseconds; undefined when there is no directory. */
  changed(): string | undefined {
    return statSync(this.directory, {bigint: true, throwIfNoEntry: false})?.mtimeNs.toString()
  }

  /**
   * Gives the directory a time that no other change can have: the system's clock
   * stands still for milliseconds, so its own times do not tell two changes
   * apart. Undefined where times are too coarse for that, or may not be set, or
   * where somebody has changed the directory at once.
   */
  markUnchanged(): string | undefined {
    try {
      const micros = Math.floor(Date.now() / 1000) * 1e6 + Math.floor(Math.random() * 1e6)
      utimesSync(this.directory, micros / 1e6, micros / 1e6)
      const changed = this.changed()
      return Math.abs(Number(changed) / 1000 - micros) < 2 ? changed : undefined
    } catch {
      return undefined
    }
  }

  /** Removes the temporary files of processes that died. */
  removeAbandoned(): void {
    for (const path of this.abandoned()) rmSync(path, {recursive: true, force: true})
  }

  /** Paths of the temporary files of processes that died. */
  abandoned(): string[] {
    const directories = new Set([this.#scratch, this.#temporaryDirectory()])
    return [...directories].flatMap((directory) =>
      namesIn(directory)
        .filter((name) => name.includes(TEMPORARY_PREFIX))
        .map((name) => join(directory, name))
        .filter((path) => {
          const stats = statSync(path, {throwIfNoEntry: false})
          return stats !== undefined && Date.now() - stats.mtimeMs > ABANDONED_MS
        }),
    )
  }

  /** A rename does not work between disks: the directory of sessions may be a link to another one. */
  #temporaryDirectory(): string {
    const [sessions, scratch] = [this.directory, this.#scratch].map((path) =>
      statSync(path, {throwIfNoEntry: false}),
    )
    return !sessions || sessions.dev === scratch?.dev ? this.#scratch : this.directory
  }
}

/** Why a file is left alone: it is no session, or one of a later version of clinvk, or the system does not let us read it. */
export type Unreadable = 'unreadable' | 'newer' | 'inaccessible'

/** Ids become file names: hexadecimal digits and nothing else. The reference program's old ones have 16. */
export function isId(text: string): boolean {
  return /^[0-9a-f]{16,32}$/.test(text)
}

/** Two files of the same time and size are told apart by their number: clocks stand still for milliseconds. */
export function stampOf({ino, mtimeMs, size}: Stats): string {
  return [Math.round(mtimeMs * 1000), size, ino].map((number) => number.toString(36)).join('-')
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT'
}

const ABANDONED_MS = 3_600_000
