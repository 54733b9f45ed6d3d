import type {BackendEntry} from 'clinvk-kit/backends/discover'
import {messageOf} from 'clinvk-kit/errors/failure'
import type {Env} from 'clinvk-kit/io'
import {recordAccess} from '../transcript/record-access.js'
import {isArchived} from './archive.js'

/**
 * Ids of the conversations that an agent itself deletes within 7 days, and of which something is not in the archive.
 * `note` is called with a sentence about what cannot be read.
 */
export async function soonDeleted(
  entry: BackendEntry,
  env: Env,
  note: (message: string) => void,
): Promise<string[]> {
  const unreadable = (error: unknown) =>
    note(`The records of ${entry.descriptor.title} cannot be read: ${messageOf(error)}`)
  const found: string[] = []
  try {
    const access = await recordAccess(entry, {env}, unreadable)
    if (!access?.history.deletedAt) return []
    const {ask, files, history} = access
    for (const recorded of await history.conversations(files, ask)) {
      const at = await history.deletedAt?.(recorded, files)
      if (at === undefined || Date.parse(at) > Date.now() + WARNED_MS) continue
      if (!isArchived(recorded, {backend: entry.name, env})) found.push(recorded.id)
    }
  } catch (error) {
    unreadable(error)
  }

  return found
}

const WARNED_MS = 7 * 86_400_000
