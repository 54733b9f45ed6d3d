import {statSync} from 'node:fs'
import {dirname, join} from 'node:path'

export const PROJECT_FILE = '.clinvk.yaml'

/**
 * The settings file of the project that `directory` lies in: the nearest one on
 * the way up to the root of the repository; outside of a repository, where
 * anybody may have put one higher up, only that of the directory itself.
 */
export function findProjectFile(directory: string): string | undefined {
  let found: string | undefined
  for (let current = directory; ; current = dirname(current)) {
    const file = join(current, PROJECT_FILE)
    found ??= exists(file) ? file : undefined
    if (exists(join(current, '.git'))) return found
    if (dirname(current) === current) break
  }

  const own = join(directory, PROJECT_FILE)
  return found === own ? own : undefined
}

function exists(path: string): boolean {
  try {
    return statSync(path, {throwIfNoEntry: false}) !== undefined
  } catch {
    // A directory that may not be looked into, or is none.
    return false
  }
}
