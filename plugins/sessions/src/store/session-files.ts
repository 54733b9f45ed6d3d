import {readdirSync, statSync, type Stats, utimesSync, rmSync} from 'node:fs'
import {sep} from 'node:path'
import {readBytes} from 'clinvk-kit/files/read-file'
import {abandonedFiles, makeDirectory, type PreparedFile, prepareFile} from 'clinvk-kit/files/replace-file'
import {parseSession, type SessionFile} from './session-file.js'

/** The directory of session files: their ids and contents, and whether they have changed. */
export class SessionFiles {
  /** `scratch` is for temporary files, which would change the time of the directory. */
  constructor(
    readonly directory: string,
    readonly scratch: string,
  ) {}

  path(id: string): string {
    // `join` takes longer than the system does to look at a file.
    return `${this.directory}${sep}${id}.json`
  }

  /** Ids of all session files, in no order. */
  ids(): string[] {
    return this.changed() === undefined ? [] : readdirSync(this.directory).flatMap((name) => idOf(name) ?? [])
  }

  /** Undefined when there is no file; a sentence where it is no session of this version, or the system does not let us read it. */
  read(id: string): SessionFile | string | undefined {
    const path = this.path(id)
    let session: ReturnType<typeof parseSession> = 'unreadable'
    try {
      session = parseSession(readBytes(path, LARGEST_BYTES).toString())
    } catch (error) {
      const {code} = error as NodeJS.ErrnoException
      if (code === 'ENOENT') return undefined
      // No code: it is too large, or no regular file. A socket cannot be opened.
      if (code !== undefined && code !== 'ENXIO') return `${path} cannot be read.`
    }

    if (session === 'newer') return `${path} was written by a later version of clinvk.`
    return session === 'unreadable' || session.id !== id ? `${path} is not a session file.` : session
  }

  /** Differs for every content of a file; empty where there is no file. */
  stamp(id: string): string {
    try {
      return stampOf(statSync(this.path(id)))
    } catch {
      return ''
    }
  }

  /** Writes a session to a temporary file that can take the place of the old one. */
  prepare(session: SessionFile): Promise<PreparedFile> {
    makeDirectory(this.directory)
    makeDirectory(this.scratch)
    const content = `${JSON.stringify(session, undefined, 2)}\n`
    return prepareFile(this.path(session.id), content, {directory: this.#temporaryDirectory()})
  }

  /** When a name in the directory last changed, in nanoseconds; undefined when there is no directory. */
  changed(): string | undefined {
    try {
      return statSync(this.directory, {bigint: true}).mtimeNs.toString()
    } catch (error) {
      // Not by `throwIfNoEntry`, which since Node 22 also passes over a home that is below a file.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      return undefined
    }
  }

  /**
   * Gives the directory a time that no other change can have: the clock of the system stands still for
   * milliseconds, so its times do not tell two changes apart. Undefined where times are too coarse, may not
   * be set, or were changed by another program at once.
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
    return [...new Set([this.scratch, this.#temporaryDirectory()])].flatMap(abandonedFiles)
  }

  removeAbandoned(): void {
    for (const path of this.abandoned()) rmSync(path, {recursive: true, force: true})
  }

  /** A rename does not work between disks, and the directory may be a link to another one. */
  #temporaryDirectory(): string {
    const disks = [this.directory, this.scratch].map((path) => statSync(path, {throwIfNoEntry: false})?.dev)
    return disks[0] === disks[1] ? this.scratch : this.directory
  }
}

/** The id that the name of a session file begins with; undefined for the names of other files. */
export function idOf(name: string): string | undefined {
  const id = name.slice(0, -'.json'.length)
  return name.endsWith('.json') && isId(id) ? id : undefined
}

/** Ids are file names: hexadecimal digits only, 16 in old files of the reference program. */
export function isId(text: string): boolean {
  return /^[0-9a-f]{16,32}$/.test(text)
}

/** With the number of the file, since two of the same size may have the same time. */
export function stampOf({ino, mtimeMs, size}: Stats): string {
  return [Math.round(mtimeMs * 1000), size, ino].map((number) => number.toString(36)).join('-')
}

/** Sessions have some kB: the prompt is cut, and what a backend keeps is small. */
const LARGEST_BYTES = 64 * 1024 * 1024
