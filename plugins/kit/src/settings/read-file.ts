import {statSync} from 'node:fs'
import {readFile} from 'node:fs/promises'
import {Failure} from '../failure.js'

/** The text of a settings file; undefined when there is none. Throws a Failure when there is something else. */
export async function readSettingsFile(path: string): Promise<string | undefined> {
  try {
    // Not in the background: mostly there is none, and Node takes milliseconds to load what reads there.
    const stats = statSync(path, {throwIfNoEntry: false})
    if (!stats) return undefined
    // A repository may hold a link to something endless.
    if (!stats.isFile()) throw new Error('it is no file')
    if (stats.size > LARGEST) throw new Error(`it has ${stats.size} bytes, more than settings ever have`)
    return await readFile(path, 'utf8')
  } catch (error) {
    const {code, message} = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw new Failure('config', `${path} cannot be read: ${message}`)
  }
}

const LARGEST = 1024 * 1024
