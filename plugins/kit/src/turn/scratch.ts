import {mkdir, rm, rmdir, stat, writeFile} from 'node:fs/promises'
import {dirname} from 'node:path'
import type {Invocation} from 'clinvk-contract'
import {Failure} from '../errors/failure.js'
import {messageOf} from '../errors/message-of.js'

/** Does something while the temporary files of an invocation exist. Throws a Failure when they cannot be written. */
export async function withTemporaryFiles<T>(
  files: NonNullable<Invocation['files']>,
  task: () => Promise<T>,
): Promise<T> {
  try {
    await write(files)
    return await task()
  } finally {
    for (const {path} of files) await rm(dirname(path), {recursive: true, force: true})
  }
}

/** Removes directories that an agent left behind: only those that are empty and younger than the turn. */
export async function removeLeftovers(directories: readonly string[], startedAt: Date): Promise<void> {
  for (const directory of directories) {
    try {
      const {birthtimeMs} = await stat(directory)
      if (birthtimeMs >= startedAt.getTime()) await rmdir(directory)
    } catch {
      // It does not exist, is not empty, or is not ours.
    }
  }
}

async function write(files: NonNullable<Invocation['files']>): Promise<void> {
  try {
    for (const {content, path} of files) {
      await mkdir(dirname(path), {recursive: true, mode: 0o700})
      await writeFile(path, content, {mode: 0o600})
    }
  } catch (error) {
    throw new Failure('unavailable', `A temporary file for the agent cannot be written: ${messageOf(error)}`)
  }
}
