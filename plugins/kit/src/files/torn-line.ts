import {closeSync, fstatSync, openSync, readSync} from 'node:fs'

/** Whether the last line of a file has no end, as a process leaves it that was killed; undefined where there is no file. */
export function endsTorn(path: string): boolean | undefined {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return undefined
  }

  try {
    const {size} = fstatSync(file)
    const last = Buffer.alloc(1)
    return size > 0 && readSync(file, last, 0, 1, size - 1) === 1 && last[0] !== NEWLINE
  } finally {
    closeSync(file)
  }
}

const NEWLINE = 10
