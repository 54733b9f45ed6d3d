import {randomBytes} from 'node:crypto'
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import {join} from 'node:path'
import {clinvkHome} from 'clinvk-kit/settings/home'
import {parseSession, type SessionFile} from './session-file.js'

/**
 * The sessions of a user: one JSON file each, in a directory of its own. Every
 * write replaces the whole file at once, so a crash leaves the old or the new.
 */
export class SessionStore {
  readonly directory: string

  constructor(env: Readonly<Record<string, string | undefined>>) {
    this.directory = join(clinvkHome(env), 'sessions')
  }

  /** All sessions, the last used first, and the names of files that are none. */
  all(): {sessions: SessionFile[]; unreadable: string[]} {
    const sessions: SessionFile[] = []
    const unreadable: string[] = []
    for (const name of this.#names()) {
      const session = this.#read(name)
      if (session === 'unreadable') unreadable.push(join(this.directory, name))
      else if (session) sessions.push(session)
    }

    return {sessions: sessions.sort(byLastUse), unreadable}
  }

  /** The session with exactly this id; undefined when there is none. Throws when its file cannot be understood. */
  get(id: string): SessionFile | undefined {
    const session = ID.test(id) ? this.#read(`${id}.json`) : undefined
    if (session === 'unreadable') throw new Error(`${join(this.directory, `${id}.json`)} is no session file`)
    return session
  }

  /** Writes a session whole: temporary file, fsync, rename. */
  write(session: SessionFile): void {
    mkdirSync(this.directory, {recursive: true, mode: 0o700})
    const temporary = join(this.directory, `.tmp-${randomBytes(8).toString('hex')}`)
    try {
      const file = openSync(temporary, 'wx', 0o600)
      try {
        writeSync(file, `${JSON.stringify(session, undefined, 2)}\n`)
        fsyncSync(file)
      } finally {
        closeSync(file)
      }

      renameSync(temporary, join(this.directory, `${session.id}.json`))
    } catch (error) {
      rmSync(temporary, {force: true})
      throw error
    }
  }

  /** Changes what is in the file now, so that nobody's change in between is lost. Throws when the session is gone. */
  update(id: string, change: (session: SessionFile) => void): SessionFile {
    const session = this.get(id)
    if (!session) throw new Error(`session ${id} was deleted meanwhile`)
    change(session)
    this.write(session)
    return session
  }

  delete(id: string): void {
    rmSync(join(this.directory, `${id}.json`))
  }

  #names(): string[] {
    try {
      return readdirSync(this.directory).filter(
        (name) => name.endsWith('.json') && ID.test(name.slice(0, -5)),
      )
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw error
    }
  }

  #read(name: string): SessionFile | 'unreadable' | undefined {
    try {
      const session = parseSession(readFileSync(join(this.directory, name), 'utf8'))
      return session?.id === name.slice(0, -5) ? session : 'unreadable'
    } catch (error) {
      const {code} = error as NodeJS.ErrnoException
      // Deleted between the two looks, or not ours to read.
      return code === 'ENOENT' ? undefined : 'unreadable'
    }
  }
}

export function newSessionId(): string {
  return randomBytes(16).toString('hex')
}

function byLastUse(a: SessionFile, b: SessionFile): number {
  return Date.parse(b.last_used) - Date.parse(a.last_used) || (a.id < b.id ? -1 : 1)
}

/** Ids become file names: hexadecimal digits and nothing else. The reference program's old ones have 16. */
const ID = /^[0-9a-f]{16,32}$/
