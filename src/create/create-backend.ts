import {mkdir, rm, writeFile} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import {Failure} from 'clinvk-kit/errors/failure'
import {messageOf} from 'clinvk-kit/errors/message-of'
import {backendFiles, type BackendKind} from './backend-files.js'

export interface NewBackend {
  /** As in `clinvk -b NAME`. */
  readonly name: string
  readonly kind: BackendKind
  /** The directory in which the package gets one of its own. */
  readonly cwd: string
  /** Where clinvk is installed. */
  readonly root: string
}

export interface CreatedBackend {
  /** Absolute. */
  readonly directory: string
  /** Relative to it, sorted. */
  readonly files: readonly string[]
}

/**
 * Writes the package of a new backend, `clinvk-backend-NAME`. Throws a Failure of
 * kind `usage` when it is there already or cannot be written; then nothing is left.
 */
export async function createBackend({cwd, kind, name, root}: NewBackend): Promise<CreatedBackend> {
  const files = await backendFiles(name, kind, root)
  const directory = join(cwd, `clinvk-backend-${name}`)
  await mkdir(directory).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw cannotWrite(directory, error)
    throw new Failure('usage', `There is a ${directory} already; it stays as it is.`, [
      'Take another name, move it away, or go on with what is there.',
    ])
  })
  try {
    for (const [path, content] of files) {
      const file = join(directory, path)
      await mkdir(dirname(file), {recursive: true})
      await writeFile(file, content)
    }
  } catch (error) {
    await rm(directory, {recursive: true, force: true})
    throw cannotWrite(directory, error)
  }

  return {directory, files: [...files.keys()].sort()}
}

function cannotWrite(directory: string, error: unknown): Failure {
  return new Failure('usage', `${directory} cannot be written: ${messageOf(error)}`)
}
