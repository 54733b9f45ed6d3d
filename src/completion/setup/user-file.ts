import {randomUUID} from 'node:crypto'
import {lstat, mkdir, open, readFile, realpath, rename, rm, stat} from 'node:fs/promises'
import {basename, dirname, join} from 'node:path'
import {Failure, isFailure} from 'clinvk-kit/failure'
import {messageOf} from 'clinvk-kit/message-of'

/** A file of the user's, byte for byte (a character of `text` is a byte); undefined when there is none. */
export interface UserFile {
  readonly path: string
  readonly text: string | undefined
}

/** Reads it. Throws a Failure when there is something else, or when it may not be changed. */
export async function readUserFile(path: string): Promise<UserFile> {
  return explained(path, async () => {
    const target = await targetOf(path)
    const found = await stat(target).catch(() => undefined)
    if (!found) return {path, text: undefined}
    if (!found.isFile()) throw new Failure('usage', `${path} is no file.`)
    // Replacing it would go around that.
    if ((found.mode & 0o222) === 0)
      throw new Failure('usage', `${path} is read-only, so it is left as it is.`)
    return {path, text: await readFile(target, 'latin1')}
  })
}

/** Writes it whole or not at all, with the rights and the owner that it has; a link stays one. */
export async function writeUserFile(path: string, text: string): Promise<void> {
  await explained(path, async () => {
    const target = await targetOf(path)
    const before = await stat(target).catch(() => undefined)
    await mkdir(dirname(target), {recursive: true, mode: 0o700})
    const temporary = join(dirname(target), `.${basename(target)}.${randomUUID()}`)
    try {
      const file = await open(temporary, 'wx', 0o644)
      try {
        await file.writeFile(text, 'latin1')
        if (before) {
          if (process.platform !== 'win32') await file.chown(before.uid, before.gid)
          await file.chmod(before.mode & 0o7777)
        }

        await file.sync()
      } finally {
        await file.close()
      }

      await rename(temporary, target)
    } finally {
      await rm(temporary, {force: true})
    }
  })
}

export async function removeUserFile(path: string): Promise<void> {
  await explained(path, () => rm(path))
}

/** Text as the bytes that a file holds. */
export function asBytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1')
}

async function targetOf(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    const isLink = await lstat(path).catch(() => undefined)
    if (isLink) throw new Failure('usage', `${path} is a link to nothing.`)
    return path
  }
}

async function explained<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action()
  } catch (error) {
    if (isFailure(error)) throw error
    throw new Failure('usage', `${path} cannot be changed: ${messageOf(error)}`)
  }
}
