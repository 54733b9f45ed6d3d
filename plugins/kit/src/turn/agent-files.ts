import {type Dirent, readdirSync, statSync} from 'node:fs'
import {mkdir, rm, stat, writeFile} from 'node:fs/promises'
import {homedir} from 'node:os'
import {dirname, join, resolve, sep} from 'node:path'
import type {Files} from 'clinvk-contract'
import {readBytes, readText} from '../files/read-file.js'
import {readLines} from '../files/read-lines.js'
import type {Env} from '../io.js'

/**
 * The agent's own files for its backend: everything below the declared directories, nothing else. A declared file can
 * only be read. With `onUnreadable`, what cannot be read is as if it was empty, and the error is told there.
 */
export function agentFiles(
  declared: readonly string[],
  env: Env,
  onUnreadable: (error: unknown) => void = rethrow,
): Files {
  const directories = directoriesOf(declared, env)
  const inside = (path: string): string => {
    const absolute = resolve(path)
    if (directories.some((directory) => absolute.startsWith(directory + sep))) return absolute
    throw new Error(`${path} lies outside the directories that the backend declares`)
  }

  const readable = (path: string): string =>
    directories.includes(resolve(path)) ? resolve(path) : inside(path)
  return {
    directories,
    list: (below) =>
      new Promise((resolve) => {
        const places = directories.map((place) => (below === undefined ? place : inside(join(place, below))))
        resolve(places.flatMap((place) => filesBelow(place, onUnreadable)))
      }),
    read: (path) => new Promise((resolve) => resolve(textOf(readable(path), onUnreadable))),
    lines: (path) => readLines(readable(path), onUnreadable),
    stat: (path) => new Promise((resolve) => resolve(fileStats(readable(path)))),
    async copy(path, to) {
      const [content, copy] = [readBytes(inside(path)), inside(to)]
      await mkdir(dirname(copy), {recursive: true, mode: 0o700})
      await writeFile(copy, content, {flag: 'wx', mode: 0o600})
    },
    remove: (path) => rm(inside(path), {force: true, recursive: true}),
  }
}

/** Absolute paths of declared directories on this machine, each once. */
export function directoriesOf(declared: readonly string[], env: Env): string[] {
  return [...new Set(declared.flatMap((directory) => expand(directory, env) ?? []))]
}

/** Single files, to be read only: those that are there, in the order in which they are declared. */
export function readableFiles(declared: readonly string[], env: Env): Pick<Files, 'list' | 'read'> {
  const paths = declared.flatMap((path) => expand(path, env) ?? [])
  return {
    async list() {
      const found = await Promise.all(paths.map((path) => stat(path).catch(() => undefined)))
      return paths.filter((_path, index) => found[index]?.isFile())
    },
    read: (path) =>
      new Promise((resolve) => {
        if (!paths.includes(path)) throw new Error(`${path} is none of the files that the backend declares`)
        resolve(readText(path))
      }),
  }
}

/**
 * `~` and `$NAME` at the beginning, `$UID` anywhere; a variable that is not set,
 * or empty, names no directory.
 */
function expand(directory: string, env: Env): string | undefined {
  const user = process.getuid?.()
  if (user === undefined && directory.includes('$UID')) return undefined
  const [first = '', ...rest] = directory.replace('$UID', String(user)).split('/')
  if (first === '~') return resolve(join(env.HOME || homedir(), ...rest))
  if (!first.startsWith('$')) return resolve(directory)
  const start = env[first.slice(1)]
  return start ? resolve(join(start, ...rest)) : undefined
}

/** Thousands are asked for, one after the other: asynchronously each takes ten times as long. */
function fileStats(path: string): {size: number; changedAt: number} | undefined {
  try {
    const found = statSync(path)
    return found.isFile() ? {size: found.size, changedAt: found.mtimeMs} : undefined
  } catch {
    return undefined
  }
}

/** A folder that cannot be read hides nothing but itself; asynchronously each of hundreds takes ten times as long. */
function filesBelow(directory: string, onUnreadable: (error: unknown) => void): string[] {
  let entries: Dirent[]
  try {
    entries = readdirSync(directory, {withFileTypes: true})
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException
    if (code === 'ENOTDIR') return [directory]
    if (code !== 'ENOENT') onUnreadable(error)
    return []
  }

  return entries.flatMap((entry) => {
    const path = `${directory}${sep}${entry.name}`
    if (entry.isDirectory()) return filesBelow(path, onUnreadable)
    return entry.isFile() ? [path] : []
  })
}

function textOf(path: string, onUnreadable: (error: unknown) => void): string {
  try {
    return readText(path)
  } catch (error) {
    onUnreadable(error)
    return ''
  }
}

function rethrow(error: unknown): never {
  throw error
}
