import {mkdirSync} from 'node:fs'
import {dirname} from 'node:path'

/**
 * Makes a directory and its missing parents, readable by their owner only.
 * Node's own `recursive` reports ENOENT on a read-only disk (seen with 20.20)
 * where users need to read EROFS.
 */
export function makeDirectory(path: string): void {
  try {
    mkdirSync(path, {mode: 0o700})
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return
    if (code !== 'ENOENT' || dirname(path) === path) throw error
    makeDirectory(dirname(path))
    // Recursive, because another process may have made it meanwhile.
    mkdirSync(path, {mode: 0o700, recursive: true})
  }
}
