import {existsSync, statSync} from 'node:fs'
import {readFile, realpath, writeFile} from 'node:fs/promises'
import {homedir} from 'node:os'
import {dirname, join, resolve} from 'node:path'
import {Failure, messageOf} from '../errors/failure.js'
import {makeDirectory, replaceFile} from '../files/replace-file.js'

type Env = Readonly<Record<string, string | undefined>>

export const PROJECT_FILE = '.clinvk.yaml'

/** The directory of clinvk's own data: `CLINVK_HOME`, else `~/.clinvk`. Absolute. */
export function clinvkHome(env: Env): string {
  return resolve(env.CLINVK_HOME || join(env.HOME || homedir(), '.clinvk'))
}

/** The user's own file: `--config`, else `CLINVK_CONFIG`, else `config.yaml` in clinvk's home, which alone may be missing. */
export function userFile(place: {
  readonly cwd: string
  readonly env: Env
  readonly file?: string | undefined
}) {
  const {cwd, env, file} = place
  const named = file || env.CLINVK_CONFIG
  return {path: named ? resolve(cwd, named) : join(clinvkHome(env), 'config.yaml'), isNamed: Boolean(named)}
}

/**
 * The settings file of the project that contains `directory`: the nearest one on
 * the way up to the root of the repository. Outside of a repository only that of
 * the directory itself, because anybody may have put one higher up.
 */
export function findProjectFile(directory: string): string | undefined {
  let found: string | undefined
  for (let current = directory; ; current = dirname(current)) {
    const file = join(current, PROJECT_FILE)
    if (existsSync(file)) found ??= file
    if (existsSync(join(current, '.git'))) return found
    if (dirname(current) === current) break
  }

  return found === join(directory, PROJECT_FILE) ? found : undefined
}

/** The text of a settings file; undefined when there is none. Throws a Failure when there is something else. */
export async function readSettingsFile(path: string): Promise<string | undefined> {
  try {
    // Synchronous, because most users have no such file and Node takes milliseconds to load asynchronous reading.
    const stats = statSync(path, {throwIfNoEntry: false})
    if (!stats) return undefined
    // A repository may contain a link to something endless.
    if (!stats.isFile()) throw new Error('it is not a file')
    if (stats.size > LARGEST_BYTES)
      throw new Error(`it has ${stats.size} bytes, more than settings ever have`)
    return await readFile(path, 'utf8')
  } catch (error) {
    const {code, message} = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw new Failure('config', `${path} cannot be read: ${message}`)
  }
}

/**
 * Writes a settings file whole or not at all, for its owner alone. A link stays
 * one: its target is replaced. With `isNew` an existing file is an error.
 */
export async function writeSettingsFile(path: string, text: string, {isNew = false} = {}): Promise<void> {
  try {
    makeDirectory(dirname(path))
    if (isNew) await writeFile(path, text, {flag: 'wx', mode: 0o600})
    else await replaceFile(await realpath(path).catch(() => path), text)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST' && isNew)
      throw new Failure('usage', `${path} exists already.`, ['Change it: clinvk config edit'])
    throw new Failure('config', `${path} cannot be written: ${messageOf(error)}`)
  }
}

const LARGEST_BYTES = 1024 * 1024
