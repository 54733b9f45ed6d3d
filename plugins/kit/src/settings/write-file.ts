import {randomUUID} from 'node:crypto'
import {mkdir, open, realpath, rename, rm} from 'node:fs/promises'
import {basename, dirname, join} from 'node:path'
import {Failure} from '../failure.js'
import {messageOf} from '../message-of.js'

/**
 * Writes a settings file whole or not at all, for its owner alone. A link stays
 * one: what it points at is replaced. With `isNew` a file that is there is an error.
 */
export async function writeSettingsFile(path: string, text: string, {isNew = false} = {}): Promise<void> {
  try {
    if (isNew) return await create(path, text)
    const target = await realpath(path).catch(() => path)
    await mkdir(dirname(target), {recursive: true, mode: 0o700})
    const temporary = join(dirname(target), `.${basename(target)}.${randomUUID()}`)
    try {
      await create(temporary, text)
      await rename(temporary, target)
    } finally {
      await rm(temporary, {force: true})
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST' && isNew) {
      throw new Failure('usage', `${path} is there already.`, ['Change it: clinvk config edit'])
    }

    throw new Failure('config', `${path} cannot be written: ${messageOf(error)}`)
  }
}

async function create(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), {recursive: true, mode: 0o700})
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}
