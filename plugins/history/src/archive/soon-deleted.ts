import type {BackendEntry} from 'clinvk-kit/backends/discover'
import type {Env} from 'clinvk-kit/io'
import {agentFiles} from 'clinvk-kit/turn/agent-files'
import {archivedConversation} from './archived.js'
import {isUnchanged} from './archive-file.js'

/** Ids of the conversations that an agent itself deletes within 7 days, and of which something is not in the archive. */
export async function soonDeleted(
  entry: BackendEntry,
  env: Env,
  onUnreadable: (error: unknown) => void,
): Promise<string[]> {
  const {history} = await entry.load()
  if (!history?.deletedAt) return []
  const files = agentFiles(entry.descriptor.directories ?? [], env, onUnreadable)
  const found: string[] = []
  for (const recorded of await history.conversations(files, () => Promise.resolve(undefined))) {
    const at = await history.deletedAt(recorded, files)
    if (at === undefined || Date.parse(at) > Date.now() + WARNED_MS) continue
    const archived = archivedConversation(env, entry.name, recorded.id)?.files ?? []
    const isArchived = (path: string) =>
      isUnchanged(
        path,
        archived.find((file) => file.path === path),
      )
    if (!recorded.paths.every(isArchived)) found.push(recorded.id)
  }

  return found
}

const WARNED_MS = 7 * 86_400_000
