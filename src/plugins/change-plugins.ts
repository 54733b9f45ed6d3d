import {constants} from 'node:fs'
import {access, copyFile, cp, mkdir, readFile, rename, rm, rmdir, unlink, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {setTimeout as wait} from 'node:timers/promises'
import {Failure} from 'clinvk-kit/failure'
import {messageOf} from 'clinvk-kit/message-of'
import {identify, isAlive, type ProcessIdentity} from 'clinvk-kit/process/identity'
import {TRUST_FILE} from './trust-record.js'

/**
 * Changes the user's plugins, or leaves them as they were: when `action` throws,
 * and also when the process is killed meanwhile, which the next change puts
 * right. One process at a time.
 */
export async function changePlugins<T>(dataDir: string, action: () => Promise<T>): Promise<T> {
  await makeWritable(dataDir)
  const unlock = await lock(join(dataDir, '.lock'))
  try {
    await restore(dataDir)
    await keep(dataDir)
    try {
      const result = await action()
      await forget(dataDir)
      return result
    } catch (error) {
      await restore(dataDir)
      throw error
    }
  } catch (error) {
    throw failureOfDisk(error, dataDir)
  } finally {
    await unlock()
  }
}

/** A directory of another user, a full disk: no bug of ours. Anything else is given back as it is. */
function failureOfDisk(error: unknown, dataDir: string): unknown {
  const {code = ''} = error as NodeJS.ErrnoException
  return /^(?:EACCES|EPERM|EROFS|ENOSPC|EDQUOT)$/.test(code)
    ? new Failure('unavailable', `The plugins in ${dataDir} cannot be changed: ${messageOf(error)}`, [], {
        cause: error,
      })
    : error
}

/** Makes the directory of the user's plugins. Throws a Failure when nothing can be written there. */
export async function makeWritable(dataDir: string): Promise<void> {
  try {
    await mkdir(dataDir, {recursive: true, mode: 0o700})
    await access(dataDir, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (error) {
    throw new Failure(
      'unavailable',
      `Plugins cannot be kept in ${dataDir}: ${messageOf(error)}`,
      ['Does it belong to you? Another place: CLINVK_HOME or CLINVK_DATA_DIR'],
      {cause: error},
    )
  }
}

/** Puts a copy of what is there beside it. It counts as soon as it has its name. */
async function keep(dataDir: string): Promise<void> {
  const fresh = join(dataDir, `${BEFORE}.new`)
  await rm(fresh, {recursive: true, force: true})
  await mkdir(join(fresh, MODULES), {recursive: true})
  const modules = join(dataDir, MODULES)
  // On file systems that can, a copy shares its content with what it is of.
  const options = {recursive: true, verbatimSymlinks: true, mode: constants.COPYFILE_FICLONE}
  if (await exists(modules)) await cp(modules, join(fresh, MODULES), options)
  for (const file of FILES)
    if (await exists(join(dataDir, file))) await copyFile(join(dataDir, file), join(fresh, file))
  await rename(fresh, join(dataDir, BEFORE))
}

/** Puts back what was kept. May be broken off at any point, and be done again. */
async function restore(dataDir: string): Promise<void> {
  const before = join(dataDir, BEFORE)
  if (!(await exists(before))) return
  if (await exists(join(before, MODULES))) {
    await rm(join(dataDir, MODULES), {recursive: true, force: true})
    await rename(join(before, MODULES), join(dataDir, MODULES))
    // There was none, when what was kept is empty.
    await rmdir(join(dataDir, MODULES)).catch(() => undefined)
  }

  for (const file of FILES) {
    if (await exists(join(before, file))) await copyFile(join(before, file), join(dataDir, file))
    else await rm(join(dataDir, file), {force: true})
  }

  await forget(dataDir)
}

/** In one step first: half a copy must not be put back. */
async function forget(dataDir: string): Promise<void> {
  const done = join(dataDir, `${BEFORE}.done`)
  await rm(done, {recursive: true, force: true})
  await rename(join(dataDir, BEFORE), done)
  await rm(done, {recursive: true, force: true})
}

/** Waits for another clinvk that changes plugins. Returns what lets the next one in. */
async function lock(file: string): Promise<() => Promise<void>> {
  const own = JSON.stringify(identify(process.pid))
  for (const began = Date.now(); ; await wait(PAUSE_MS)) {
    try {
      await writeFile(file, own, {flag: 'wx'})
      return () => unlink(file)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }

    const text = await readFile(file, 'utf8').catch(() => '')
    const holder = holderOf(text)
    if (holder === undefined ? Date.now() - began > NEWBORN_MS : !isAlive(holder)) {
      // Only the very one that was looked at: somebody else may have been faster.
      if ((await readFile(file, 'utf8').catch(() => undefined)) === text) await rm(file, {force: true})
    } else if (Date.now() - began > PATIENCE_MS) {
      throw new Failure(
        'unavailable',
        `Another clinvk changes the plugins: process ${holder?.pid ?? 'unknown'}.`,
        ['Try again when it has ended.'],
      )
    }
  }
}

/** Undefined for a lock that has just been made, or was left empty by a full disk. */
function holderOf(text: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(text) as ProcessIdentity
  } catch {
    return undefined
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

const BEFORE = '.before'
const MODULES = 'node_modules'
const FILES = ['package.json', 'package-lock.json', TRUST_FILE]
const PAUSE_MS = 100
const NEWBORN_MS = 1000
const PATIENCE_MS = 60_000
