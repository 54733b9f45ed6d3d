import {closeSync, constants, fstatSync, openSync, readFileSync, readSync, realpathSync} from 'node:fs'

/** The bytes of a file, as `openFile` opens it. */
export function readBytes(path: string, limit = LARGEST_TEXT): Buffer {
  const {file} = openFile(path, limit)
  try {
    return readFileSync(file)
  } finally {
    closeSync(file)
  }
}

/** The text of a file, without a byte order mark. */
export function readText(path: string, limit = LARGEST_TEXT): string {
  return withoutMark(readBytes(path, limit).toString())
}

/**
 * Opens a file for reading, without waiting. What is no regular file (a FIFO, a device), or has more than `limit`
 * bytes, is an error whose message says so.
 */
export function openFile(path: string, limit: number): {file: number; size: number} {
  const file = openSync(path, READ)
  const stats = fstatSync(file)
  if (stats.isFile() && stats.size <= limit) return {file, size: stats.size}
  closeSync(file)
  if (!stats.isFile()) throw new Error('it is not a file')
  throw new Error(`it has ${stats.size} bytes, and may have ${limit}`)
}

/** The same for every path that leads to a file or directory through links; the path itself where there is none. */
export function realPathOf(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

/** Some programs begin a text with a byte order mark, which is no part of it. */
export function withoutMark(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text
}

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
    return size > 0 && readSync(file, last, 0, 1, size - 1) === 1 && last.toString() !== '\n'
  } finally {
    closeSync(file)
  }
}

/** Bytes: about as many as a string of Node can have. */
export const LARGEST_TEXT = 500_000_000

/** A FIFO that nobody writes to is opened at once. Windows has neither the flag, which counts as 0, nor such files. */
const READ = constants.O_RDONLY | constants.O_NONBLOCK
