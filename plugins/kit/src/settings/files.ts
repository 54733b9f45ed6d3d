import {existsSync, realpathSync} from 'node:fs'
import {realpath, writeFile} from 'node:fs/promises'
import {homedir} from 'node:os'
import {dirname, join, resolve, sep} from 'node:path'
import {Failure, isFailure, reasonOf} from '../errors/failure.js'
import {readText} from '../files/read-file.js'
import {quoteCommand} from '../format/text.js'
import {makeDirectory, replaceFile} from '../files/replace-file.js'
import type {Env} from '../io.js'
import type {SettingsPlace} from './load.js'

export const PROJECT_FILE = '.clinvk.yaml'

/** The directory of clinvk's own data: `CLINVK_HOME`, else `~/.clinvk`. Absolute. */
export function clinvkHome(env: Env): string {
  return resolve(env.CLINVK_HOME || join(env.HOME || homedir(), '.clinvk'))
}

/** The user's own file: `--config`, else `CLINVK_CONFIG`, else `config.yaml` in clinvk's home, which alone may be missing. */
export function userFile({cwd, env, file}: Pick<SettingsPlace, 'cwd' | 'env' | 'file'>) {
  const named = file || env.CLINVK_CONFIG
  return {path: named ? resolve(cwd, named) : join(clinvkHome(env), 'config.yaml'), isNamed: Boolean(named)}
}

/** The settings file of the project that contains `directory`: the nearest one on the way up to the root of the repository. */
export function findProjectFile(directory: string): string | undefined {
  return placesOf(directory)
    .map((place) => join(place, PROJECT_FILE))
    .find((file) => existsSync(file))
}

/**
 * The directories from this one up to the root of its repository. Outside of a repository this one alone, because
 * anybody may have put something higher up.
 */
function placesOf(directory: string): string[] {
  const places = [directory]
  for (let place = directory; !existsSync(join(place, '.git')); places.push(place)) {
    if (dirname(place) === place) return [directory]
    place = dirname(place)
  }
  return places
}

/**
 * The text of a settings file; undefined when there is none. Throws a Failure when there is something else. A
 * project's file may come with a repository that somebody else made, so no link may lead it out of there.
 */
export function readSettingsFile(path: string, kind: 'user' | 'project' = 'user'): string | undefined {
  try {
    const root = join(realpathSync(placesOf(dirname(path)).at(-1)!), sep)
    if (kind === 'project' && !realpathSync(path).startsWith(root)) {
      throw new Failure('config', `${path} is not read: it is a link that leads out of its repository.`, [
        'Put the file itself there, or remove the link.',
      ])
    }
    // Synchronous, because most users have no such file and Node takes milliseconds to load asynchronous reading.
    return readText(path, LARGEST_BYTES[kind])
  } catch (error) {
    if (isFailure(error)) throw error
    const {code, message} = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    const hints = code === 'EACCES' ? [`Does it belong to you? ls -ld ${quoteCommand([path])}`] : []
    throw new Failure('config', `${path} cannot be read: ${message}`, hints)
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
    throw new Failure('config', `${path} cannot be written: ${reasonOf(error)}`)
  }
}

const LARGEST_BYTES = {user: 1024 * 1024, project: 256 * 1024}
