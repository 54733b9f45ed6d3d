import {isAbsolute, join, resolve, sep} from 'node:path'
import type {Files} from 'clinvk-contract'

export function homeDirectories(declared: readonly string[] = []): string[] {
  return declared.map((path) =>
    path
      .replace('$UID', '1000')
      .replace(/^~(?=\/)/, '/home/ada')
      .replace(/^\$(\w+)/, (_whole, name: string) => `/home/ada/${name.toLowerCase()}`),
  )
}

/**
 * The agent's files in memory, and what the backend has removed and copied. `contents`: by the path in each directory,
 * or by the absolute one.
 */
export function memoryFiles(
  directories: readonly string[],
  contents: Readonly<Record<string, string>> = {},
): {files: Files; changed: readonly string[]} {
  const all = new Map(
    directories.flatMap((place) =>
      Object.entries(contents).map(([name, content]) => [
        isAbsolute(name) ? name : join(place, name),
        content,
      ]),
    ),
  )
  const changed: string[] = []
  const inside = (path: string): string => {
    const absolute = resolve('/', path)
    if (isAbsolute(path) && directories.some((place) => `${absolute}${sep}`.startsWith(place + sep)))
      return absolute
    throw new Error(`${path} lies outside the directories that the backend declares`)
  }

  const below = (place: string) =>
    [...all.keys()].filter((path) => path === place || path.startsWith(place + sep))
  // Async functions, so that `inside` rejects instead of throwing.
  /* eslint-disable @typescript-eslint/require-await */
  const files: Files = {
    directories,
    list: async (part) =>
      directories.flatMap((place) => below(part === undefined ? place : inside(join(place, part)))),
    read: async (path) => {
      const content = all.get(inside(path))
      if (content !== undefined) return content
      throw Object.assign(new Error(`ENOENT: no such file, open '${path}'`), {code: 'ENOENT'})
    },
    async *lines(path) {
      yield* (await files.read(path)).split('\n')
    },
    stat: async (path) => {
      const content = all.get(inside(path))
      return content === undefined ? undefined : {size: Buffer.byteLength(content), changedAt: 0}
    },
    copy: async (path, to) => {
      const content = await files.read(path)
      if (all.has(inside(to)))
        throw Object.assign(new Error(`EEXIST: file exists, '${to}'`), {code: 'EEXIST'})
      all.set(inside(to), content)
      changed.push(inside(to))
    },
    remove: async (path) => {
      for (const found of below(inside(path))) if (all.delete(found)) changed.push(found)
    },
  }
  return {files, changed}
}

const OTHER = 'a7d2f1c4-88e0-4b6d-9c35-1e4f70b2d968'
const LINE = `{"type":"user","sessionId":"${OTHER}","cwd":"/home/ada/project","timestamp":"2026-01-01T00:00:00.000Z"}\n`
/** Files of settings and of conversations that no check is about. */
export const UNRELATED: Readonly<Record<string, string>> = {
  'settings.json': '{}',
  'config.toml': '',
  'auth.json': '{"key":"secret"}',
  'history.jsonl': LINE,
  [`${OTHER}.json`]: LINE,
  [`${OTHER}/logs.jsonl`]: LINE,
  [`projects/-home-ada-project/${OTHER}.jsonl`]: LINE,
  [`sessions/2026/01/01/rollout-2026-01-01T00-00-00-${OTHER}.jsonl`]: LINE,
  [`project/chats/session-2026-01-01T00-00-${OTHER.slice(0, 8)}.jsonl`]: LINE,
  'project/.project_root': '/home/ada/project',
  'project/broken.json': '{',
}
