import {readdirSync, readFileSync, statSync, type Stats, unlinkSync, utimesSync} from 'node:fs'
import {sep} from 'node:path'
import {makeDirectory} from 'clinvk-kit/files/replace-file'
import {abandonedFiles, type PreparedFile, prepareFile} from 'clinvk-kit/files/replace-file'
import {parseSession, type SessionFile} from './session-file.js'

/** The directory of session files: their ids and contents, and whether they have changed. */
export class SessionFiles {
  readonly directory: string
  readonly #scratch: string

  /** `scratch` is for temporary files, which would change the time of the directory. */
  constructor(directory: string, scratch: string) {
    this.directory = directory
    this.#scratch = scratch
  }

  path(id: string): string {
    // `join` takes longer than the system does to look at a file.
    return `${this.directory}${sep}${id}.json`
  }

  /** Ids of all session files, in no order. */
  ids(): string[] {
    if (this.changed() === undefined) return []
    return readdirSync(this.directory).flatMap((name) =>
      name.endsWith('.json') && isId(name.slice(0, -5)) ? [name.slice(0, -5)] : [],
    )
  }

  /** Undefined when there is no file. */
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
    makeDirectory(this.directory)
    makeDirectory(this.#scratch)
    const content = `${JSON.stringify(session, undefined, 2)}\n`
    return prepareFile(this.path(session.id), content, {directory: this.#temporaryDirectory()})
  }

  remove(id: string): undefined {
    try {
      unlinkSync(this.path(id))
    } catch (error) {
      if (!isMissing(error)) throw error
    }

    return undefined
  }

  /** When a name in the directory last changed, in nanoseconds; undefined when there is no directory. */
  changed(): string | undefined {
    return statSync(this.directory, {bigint: true, throwIfNoEntry: false})?.mtimeNs.toString()
  }

  /**
   * Gives the directory a time that no other change can have: the clock of the
   * system stands still for milliseconds, so its times do not tell two changes
   * apart. Undefined where times are too coarse, may not be set, or were changed
   * by another program at once.
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

  /** Paths of the temporary files of processes that were killed. */
  abandoned(): string[] {
    return [...new Set([this.#scratch, this.#temporaryDirectory()])].flatMap(abandonedFiles)
  }

  /** A rename does not work between disks, and the directory may be a link to another one. */
  #temporaryDirectory(): string {
    const [sessions, scratch] = [this.directory, this.#scratch].map((path) =>
      statSync(path, {throwIfNoEntry: false}),
    )
    return !sessions || sessions.dev === scratch?.dev ? this.#scratch : this.directory
  }
}

/** Why a file is skipped: it is not a session, or one of a later version of clinvk, or the system does not let us read it. */
export type Unreadable = 'unreadable' | 'newer' | 'inaccessible'

/** Ids are file names: hexadecimal digits only, 16 in old files of the reference program. */
export function isId(text: string): boolean {
  return /^[0-9a-f]{16,32}$/.test(text)
}

/** With the number of the file, since two of the same size may have the same time. */
export function stampOf({ino, mtimeMs, size}: Stats): string {
  return [Math.round(mtimeMs * 1000), size, ino].map((number) => number.toString(36)).join('-')
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT'
}
