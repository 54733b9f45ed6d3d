import {isAbsolute, join, resolve, sep} from 'node:path'
import type {Files} from 'clinvk-contract'

/** The agent's files as its backend sees them, in memory: what it removes is seen, and harms nobody. */
export function memoryFiles(
  given: Readonly<Record<string, string>> = {},
  directories: readonly string[] = ['/home/ada/.agent'],
): {files: Files; removed: readonly string[]} {
  const contents = new Map(Object.entries(given))
  const removed: string[] = []
  const inside = (path: string): string => {
    const absolute = resolve('/', path)
    if (isAbsolute(path) && directories.some((directory) => absolute.startsWith(directory + sep)))
      return absolute
    throw new Error(`${path} lies outside the directories that the backend declares`)
  }

  const below = (place: string) =>
    [...contents.keys()].filter((path) => path === place || path.startsWith(place + sep))

  const files: Files = {
    list(part) {
      const places = directories.map((place) => (part === undefined ? place : inside(join(place, part))))
      return Promise.resolve(places.flatMap((place) => below(place)))
    },
    read(path) {
      const content = contents.get(inside(path))
      return content === undefined
        ? Promise.reject(Object.assign(new Error(`ENOENT: no such file, open '${path}'`), {code: 'ENOENT'}))
        : Promise.resolve(content)
    },
    remove(path) {
      for (const found of below(inside(path))) {
        contents.delete(found)
        removed.push(found)
      }

      return Promise.resolve()
    },
  }
  return {
    files: {
      list: async (part) => files.list(part),
      read: async (path) => files.read(path),
      remove: async (path) => files.remove(path),
    },
    removed,
  }
}
