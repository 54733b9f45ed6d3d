import {mkdir, rm, writeFile} from 'node:fs/promises'
import {dirname} from 'node:path'
import type {Invocation} from 'clinvk-contract'
import {Failure} from '../failure.js'
import {messageOf} from '../message-of.js'

/** Does something while the files of an invocation are there. Throws a Failure when they cannot be written. */
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
