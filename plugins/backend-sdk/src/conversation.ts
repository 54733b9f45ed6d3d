import {join, relative} from 'node:path'
import type {Files} from 'clinvk-contract'

/** Ids are checked before they are looked for in paths, of which any other text could be a part. */
export function isUuid(id: string): boolean {
  return /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(id)
}

/** Lists of the paths that have the same key; those without one are left out. */
export function grouped(
  paths: readonly string[],
  keyOf: (path: string) => string | undefined,
): Map<string, string[]> {
  const groups = new Map<string, string[]>()
  for (const path of paths) {
    const key = keyOf(path)
    const group = key === undefined ? undefined : groups.get(key)
    if (group) group.push(path)
    else if (key !== undefined) groups.set(key, [path])
  }

  return groups
}

export async function removeAll(paths: readonly string[], files: Files): Promise<void> {
  for (const path of paths) await files.remove(path)
}

/** Copies files from below one directory to the same places below another, over what an earlier copy has left. */
export async function copyAll(
  paths: readonly string[],
  from: string,
  to: string,
  files: Files,
): Promise<void> {
  for (const path of paths) {
    const copy = join(to, relative(from, path))
    await files.remove(copy)
    await files.copy(path, copy)
  }
}

/** What stays of a deleted conversation: `text`, if one of these files contains its id. */
export async function staysIn(
  paths: readonly string[],
  id: string,
  files: Files,
  text: string,
): Promise<string | undefined> {
  const texts = await Promise.all(paths.map((path) => files.read(path)))
  return texts.some((found) => found.includes(id)) ? text : undefined
}
