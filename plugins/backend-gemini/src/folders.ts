import {basename, dirname, isAbsolute, join, sep} from 'node:path'
import {parseLine} from 'clinvk-backend-sdk'
import type {Files} from 'clinvk-contract'

/** The directory that a folder of gemini is about: written there, or in the list of all, by name or by SHA-256. */
export async function directoryOf(folder: string, files: Files): Promise<string | undefined> {
  const written = (await readIfThere(join(folder, OWNER), files)).trim()
  if (isAbsolute(written)) return written
  const name = basename(folder)
  return Object.entries(await namesIn(dirname(folder), files)).find(
    ([path, slug]) => isAbsolute(path) && (slug === name || sha256(path) === name),
  )?.[0]
}

/**
 * The folder in `tmp` of a directory, as gemini 0.61.0 finds it (`ProjectRegistry`). Where there is none, the one that
 * gemini will take for its own: also one that starts at the same time, and then leaves what is there as it is.
 */
export async function folderOf(directory: string, tmp: string, files: Files): Promise<string> {
  const paths = (await files.list()).filter((path) => path.startsWith(tmp + sep))
  const owners = new Map<string, string>()
  for (const path of paths)
    if (path === join(tmp, basename(dirname(path)), OWNER))
      owners.set(basename(dirname(path)), (await files.read(path)).trim())
  const isFree = (name: string) => (owners.get(name) ?? directory) === directory
  const names = await namesIn(tmp, files)
  const listed = names[directory]
  if (listed !== undefined && /^[a-z\d-]+$/.test(listed) && isFree(listed)) return join(tmp, listed)
  for (const [name, owner] of owners) if (owner === directory) return join(tmp, name)
  // Gemini copies what older versions have left here, but only into a folder that is empty.
  const hashed = join(tmp, sha256(directory))
  if (paths.some((path) => path.startsWith(hashed + sep))) return hashed
  const taken = new Set(Object.values(names))
  const name = basename(directory).toLowerCase().replaceAll(/[^a-z\d]+/g, '-').replaceAll(/^-|-$/g, '') || 'project' // prettier-ignore
  let free = name
  for (let count = 1; taken.has(free) || !isFree(free); count++) free = `${name}-${count}`
  return join(tmp, free)
}

/** By the directory. */
async function namesIn(tmp: string, files: Files): Promise<Readonly<Record<string, string>>> {
  const list = await readIfThere(join(dirname(tmp), 'projects.json'), files)
  return parseLine(list, {projects: {'*': ''}})?.projects ?? {}
}

export async function readIfThere(path: string, files: Files): Promise<string> {
  return (await files.stat(path)) ? files.read(path) : ''
}

export function sha256(text: string): string {
  // Only when it is needed: to load it takes longer than to plan a turn.
  const {createHash} = process.getBuiltinModule('node:crypto')
  return createHash('sha256').update(text).digest('hex')
}

const OWNER = '.project_root'
