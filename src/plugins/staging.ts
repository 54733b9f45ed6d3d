import {constants, existsSync, renameSync} from 'node:fs'
import {access, copyFile, mkdir, mkdtemp, readdir, realpath, rename, rm} from 'node:fs/promises'
import {basename, dirname, join} from 'node:path'
import {Failure, messageOf} from 'clinvk-kit/errors/failure'
import {type Lock, LockFile} from 'clinvk-kit/process/lock-file'
import {linkTree} from './link-tree.js'
import {previousOf, restorePlugins} from './restore-plugins.js'
import {TRUST_FILE} from './trust-record.js'

/** A data directory beside the real one, at first empty. */
export interface Staging {
  readonly directory: string
  readonly clear: () => Promise<void>
  /** Fills it with the current plugins, in place of what it contains. */
  readonly copyCurrent: () => Promise<void>
}

/**
 * Changes the user's plugins. `action` works on a staging directory, which takes the place of the real one when
 * `action` is done. Until then, and whenever anything fails or the process is killed, the plugins are as they
 * were. One process at a time.
 */
export async function changePlugins<T>(
  dataDir: string,
  action: (staging: Staging) => Promise<T>,
): Promise<T> {
  const real = await writableDirectory(dataDir)
  const change = async (held: Lock) => {
    await removeRemains(real)
    const directory = await mkdtemp(`${real}${STAGING}`)
    try {
      const result = await action({
        directory,
        clear: async () => clear(directory),
        copyCurrent: async () => copyCurrent(real, directory),
      })
      held.check()
      replace(real, directory)
      return result
    } finally {
      await removeRemains(real)
    }
  }

  try {
    const lock = new LockFile(`${real}.lock`, 'The plugins', 'unavailable')
    return await lock.run(change, WAIT_FOR_OTHERS_MS)
  } catch (error) {
    throw failureOfDisk(error, dataDir)
  }
}

/** Makes the data directory and resolves links to it. Throws a Failure when nothing can be written there or beside it. */
export async function writableDirectory(dataDir: string): Promise<string> {
  try {
    restorePlugins(dataDir)
    await mkdir(dataDir, {recursive: true, mode: 0o700})
    const real = await realpath(dataDir)
    const mode = constants.R_OK | constants.W_OK | constants.X_OK
    await Promise.all([real, dirname(real)].map(async (directory) => access(directory, mode)))
    return real
  } catch (error) {
    throw new Failure(
      'unavailable',
      `Plugins cannot be kept in ${dataDir}: ${messageOf(error)}`,
      ['Does it belong to you, and the directory around it? Another place: CLINVK_HOME or CLINVK_DATA_DIR'],
      {cause: error},
    )
  }
}

async function clear(staging: string): Promise<void> {
  await rm(staging, {recursive: true, force: true})
  await mkdir(staging, {mode: 0o700})
}

async function copyCurrent(real: string, staging: string): Promise<void> {
  await clear(staging)
  const names = await readdir(real)
  if (names.includes(MODULES)) {
    await linkTree(join(real, MODULES), join(staging, MODULES))
    // npm would believe it, and write into it.
    await rm(join(staging, MODULES, '.package-lock.json'), {force: true})
  }

  for (const name of names) if (FILES.includes(name)) await copyFile(join(real, name), join(staging, name))
}

/** Two renames. A clinvk that starts between them undoes the first one, as after a kill. */
function replace(real: string, staging: string): void {
  for (;;) {
    renameSync(real, previousOf(real))
    try {
      renameSync(staging, real)
      return
    } catch (error) {
      if (restorePlugins(real)) throw error
    }
  }
}

/** Removes what this change or one that was killed has left. What is not about plugins, but in their directory, stays there. */
async function removeRemains(real: string): Promise<void> {
  const previous = previousOf(real)
  const isOurs = (name: string) => name === MODULES || FILES.includes(name)
  const others = await readdir(previous).catch(() => [])
  for (const name of others.filter((one) => !isOurs(one)))
    if (!existsSync(join(real, name))) await rename(join(previous, name), join(real, name))
  await rm(previous, {recursive: true, force: true})
  for (const name of await readdir(dirname(real)))
    if (name.startsWith(`${basename(real)}${STAGING}`))
      await rm(join(dirname(real), name), {recursive: true, force: true})
}

/** A directory of another user or a full disk is not a bug of clinvk. */
function failureOfDisk(error: unknown, dataDir: string): unknown {
  const {code = ''} = error as NodeJS.ErrnoException
  return /^(?:EACCES|EPERM|EROFS|EBUSY|EXDEV|ENOSPC|EDQUOT)$/.test(code)
    ? new Failure('unavailable', `The plugins in ${dataDir} cannot be changed: ${messageOf(error)}`, [], {
        cause: error,
      })
    : error
}

const MODULES = 'node_modules'
const FILES = ['package.json', 'package-lock.json', TRUST_FILE]
const STAGING = '.staging-'
const WAIT_FOR_OTHERS_MS = 60_000
