import {existsSync, renameSync} from 'node:fs'

/**
 * Undoes a change of the plugins that was killed between its two renames, the only moment at which the data
 * directory is missing. Returns whether there was one.
 */
export function restorePlugins(dataDir: string): boolean {
  if (existsSync(dataDir)) return false
  try {
    renameSync(previousOf(dataDir), dataDir)
    return true
  } catch {
    // There is nothing to restore, or another process was faster.
    return false
  }
}

/** Where a change keeps the data directory that it replaces, until that is done. */
export function previousOf(dataDir: string): string {
  return `${dataDir}.previous`
}
