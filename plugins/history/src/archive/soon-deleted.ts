import type {BackendEntry} from 'clinvk-kit/backends/discover'
import type {Env} from 'clinvk-kit/io'
import {recordAccess} from '../transcript/record-access.js'
import {isArchived} from './archive.js'

/** Ids of the conversations that an agent itself deletes within 7 days, and of which something is not in the archive. */
export async function soonDeleted(
  entry: BackendEntry,
  env: Env,
  onUnreadable: (error: unknown) => void,
): Promise<string[]> {
  const access = await recordAccess(entry, {env}, onUnreadable)
  if (!access?.history.deletedAt) return []
  const {ask, files, history} = access
  const found: string[] = []
  for (const recorded of await history.conversations(files, ask)) {
    const at = await history.deletedAt?.(recorded, files)
    if (at === undefined || Date.parse(at) > Date.now() + WARNED_MS) continue
    if (!isArchived(recorded, {backend: entry.name, env})) found.push(recorded.id)
  }

  return found
}

const WARNED_MS = 7 * 86_400_000
