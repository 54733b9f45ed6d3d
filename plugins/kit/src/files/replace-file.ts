import {closeSync, fstatSync, fsync, openSync, type Stats, writeFileSync} from 'node:fs'
import {mkdirSync, readdirSync, renameSync, rmSync, statSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {randomHex} from '../format/random-id.js'

/**
 * Makes a directory and its missing parents, readable by their owner only. Node's own `recursive` never ends below
 * /proc, and reports ENOENT on a read-only disk where users need to read EROFS (both seen with 20.20).
 */
export function makeDirectory(path: string, mode = 0o700): void {
  for (const isLast of [false, true]) {
    try {
      mkdirSync(path, {mode})
      return
    } catch (error) {
      const {code} = error as NodeJS.ErrnoException
      if (code === 'EEXIST' && statSync(path).isDirectory()) return
      if (code !== 'ENOENT' || isLast || dirname(path) === path) throw error
      makeDirectory(dirname(path), mode)
    }
  }
}

/** Writes a whole file, so that a crash at any moment leaves the old or the new content. */
export async function replaceFile(path: string, content: string, options?: FileOptions): Promise<void> {
  const file = await prepareFile(path, content, options)
  file.publish()
}

/** Writes the content to a temporary file and waits until it is on the disk. */
export async function prepareFile(
  path: string,
  content: string,
  {directory = dirname(path), mode = 0o600}: FileOptions = {},
): Promise<PreparedFile> {
  const temporary = temporaryIn(directory)
  const file = openSync(temporary, 'wx', mode)
  try {
    writeFileSync(file, content)
    // Asynchronous, because it takes 12 to 170 ms on a slow disk.
    await new Promise<void>((resolve, reject) => fsync(file, (error) => (error ? reject(error) : resolve())))
    return {stats: fstatSync(file), publish: (check) => rename(temporary, path, check)}
  } catch (error) {
    rmSync(temporary, {force: true})
    throw error
  } finally {
    closeSync(file)
  }
}

export interface FileOptions {
  /** Where the temporary file lies, on the same disk. Default: beside the file. */
  readonly directory?: string
  readonly mode?: number
}

export interface PreparedFile {
  readonly stats: Stats
  /** Puts the new content in the place of the old, unless `check` throws. */
  publish(check?: () => void): void
}

function rename(temporary: string, path: string, check?: () => void): void {
  try {
    check?.()
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, {force: true})
    throw error
  }
}

/** A path that nobody can have made beforehand. Open it with `wx`, which follows no link. */
export function temporaryIn(directory: string): string {
  return join(directory, `${TEMPORARY_PREFIX}${randomHex()}`)
}

/** Paths of the temporary files in a directory whose processes were killed. */
export function abandonedFiles(directory: string): string[] {
  if (!statSync(directory, {throwIfNoEntry: false})) return []
  return readdirSync(directory).flatMap((name) => {
    const path = join(directory, name)
    if (!name.includes(TEMPORARY_PREFIX)) return []
    const modified = statSync(path, {throwIfNoEntry: false})?.mtimeMs ?? Infinity
    return Date.now() - modified > ABANDONED_MS ? [path] : []
  })
}

/** Part of the names of temporary files and of those of locks. */
const TEMPORARY_PREFIX = '.new-'
const ABANDONED_MS = 3_600_000
