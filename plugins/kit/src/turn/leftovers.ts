import {rmdir, stat} from 'node:fs/promises'

/**
 * Removes directories that an agent has left behind. One that is older than the
 * turn, or holds anything, is somebody's: it stays, and so does what cannot be removed.
 */
export async function removeLeftovers(directories: readonly string[], startedAt: Date): Promise<void> {
  for (const directory of directories) {
    try {
      const {birthtimeMs} = await stat(directory)
      if (birthtimeMs >= startedAt.getTime()) await rmdir(directory)
    } catch {
      // It is not there, not empty, or not ours.
    }
  }
}
