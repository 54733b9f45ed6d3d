import {mkdirSync} from 'node:fs'
import {dirname} from 'node:path'

/**
 * Makes a directory for its owner alone, and those above it, where they are
 * missing. Node's own `recursive` says of a read-only disk that there is no such
 * directory (seen with 20.20); what the user is told should be true.
 */
export function makeDirectory(path: string): void {
  try {
    mkdirSync(path, {mode: 0o700})
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return
    if (code !== 'ENOENT' || dirname(path) === path) throw error
    makeDirectory(dirname(path))
    // Recursive, so that it does no harm when somebody else was faster.
    mkdirSync(path, {mode: 0o700, recursive: true})
  }
}
