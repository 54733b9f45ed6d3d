import {constants, promises as fs, renameSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {Failure, messageOf} from 'clinvk-kit/errors/failure'
import {makeDirectory} from 'clinvk-kit/files/replace-file'
import type {IO} from 'clinvk-kit/io'
import {LockFile} from 'clinvk-kit/process/lock-file'
import {throwIfInterrupted} from './npm.js'
import {previousOf, restorePlugins} from './plugin-list.js'

/** A data directory beside the real one. */
export interface Staging {
  readonly directory: string
  /** Makes it again what it was at first: the current plugins, or none. */
  readonly refill: () => Promise<void>
}

/**
 * Changes the user's plugins. `action` works on a staging directory, which takes the place of the real one when
 * `action` is done. Until then, and whenever anything fails or the process is killed, the plugins are as they
 * were. One process at a time. With `fresh`, the staging directory is filled with no plugins.
 */
export async function changePlugins<T>(
  dataDir: string,
  io: Pick<IO, 'interrupts'>,
  action: (staging: Staging) => Promise<T>,
  {fresh = false} = {},
): Promise<T> {
  const {stop} = io.interrupts()
  const real = await writableDirectory(dataDir)
  const directory = `${real}.staging`
  const removeRemains = async () => {
    for (const place of [directory, previousOf(real)]) await fs.rm(place, {recursive: true, force: true})
  }
  try {
    return await pluginLock(real, stop).run(async ({check}) => {
      await removeRemains()
      try {
        await fill(directory, real, fresh)
        const result = await action({directory, refill: async () => fill(directory, real, fresh)})
        throwIfInterrupted(stop)
        check()
        replace(real, directory)
        return result
      } finally {
        await removeRemains()
      }
    }, WAIT_FOR_OTHERS_MS)
  } catch (error) {
    // A directory of another user or a full disk is not a bug of clinvk.
    throw (error as NodeJS.ErrnoException).syscall === undefined ? error : notWritable(dataDir, error)
  }
}

/** Lets one process at a time change the plugins in a directory, whose path contains no link. */
export function pluginLock(real: string, stop?: AbortSignal): LockFile {
  return new LockFile(`${real}.lock`, 'The plugins', 'unavailable', stop)
}

/** Makes the data directory and resolves links to it. Throws a Failure when nothing can be written there. */
export async function writableDirectory(dataDir: string): Promise<string> {
  try {
    restorePlugins(dataDir)
    makeDirectory(dataDir)
    const real = await fs.realpath(dataDir)
    const mode = constants.R_OK | constants.W_OK | constants.X_OK
    await Promise.all([real, dirname(real)].map(async (directory) => fs.access(directory, mode)))
    return real
  } catch (error) {
    throw notWritable(dataDir, error)
  }
}

function notWritable(dataDir: string, cause: unknown): Failure {
  const hint =
    'Does it belong to you, and the directory around it? Another place: CLINVK_HOME or CLINVK_DATA_DIR'
  return new Failure('unavailable', `Plugins cannot be kept in ${dataDir}: ${messageOf(cause)}`, [hint], {
    cause,
  })
}

/** What is not about plugins is kept in any case: a plugin may have files of its own in the data directory. */
async function fill(directory: string, real: string, fresh: boolean): Promise<void> {
  await fs.rm(directory, {recursive: true, force: true})
  await fs.mkdir(directory, {mode: 0o700})
  for (const name of await fs.readdir(real)) {
    const [from, to] = [join(real, name), join(directory, name)]
    if (!PLUGIN_FILES.includes(name)) await linkTree(from, to)
    else if (fresh) continue
    else if (name === 'node_modules') await linkTree(from, to)
    else await fs.copyFile(from, to)
  }
  // npm would believe it, and write into it.
  await fs.rm(join(directory, 'node_modules/.package-lock.json'), {force: true})
}

/** By hard links: npm replaces the files of a package, it never writes into them. */
async function linkTree(from: string, to: string): Promise<void> {
  const stats = await fs.lstat(from)
  if (stats.isDirectory()) {
    await fs.mkdir(to)
    const names = await fs.readdir(from)
    await Promise.all(names.map(async (name) => linkTree(join(from, name), join(to, name))))
  } else if (stats.isSymbolicLink()) await fs.symlink(await fs.readlink(from), to)
  // Some file systems have no hard links, or allow only a few for a file.
  else if (stats.isFile())
    await fs.link(from, to).catch(async () => fs.copyFile(from, to, constants.COPYFILE_FICLONE))
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

const PLUGIN_FILES = ['node_modules', 'package.json', 'package-lock.json']
const WAIT_FOR_OTHERS_MS = 60_000
