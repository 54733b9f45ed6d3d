import {createHash} from 'node:crypto'
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {isRecord} from 'clinvk-kit/format/is-record'
import type {Env} from 'clinvk-kit/io'
import {clinvkHome} from 'clinvk-kit/settings/files'

/** What the archive knows of one conversation of an agent: `about.json` in its directory. */
export interface ArchivedConversation {
  readonly backend: string
  readonly id: string
  /** The directory that the agent ran in. */
  readonly cwd?: string
  readonly title?: string
  /** Of the last change, ISO 8601. */
  readonly updatedAt?: string
  readonly files: readonly ArchivedFile[]
  /** Conversations without which this one cannot be read, and those that cannot be read without this one. */
  readonly parents: readonly string[]
  readonly children: readonly string[]
  /** Where the agent keeps it in no file: its version when it was exported. */
  readonly version?: string
}

export interface ArchivedFile {
  /** Where the agent keeps it; empty for what its program has exported. */
  readonly path: string
  /** In the directory of the conversation, compressed by gzip. */
  readonly name: string
  /** Bytes of the record that are archived, when it was last changed (milliseconds), and a hash of how they begin and end. */
  readonly size: number
  readonly changedAt: number
  readonly print: string
  /** Bytes of the archived file. */
  readonly bytes: number
}

/** Where a conversation is archived; of all, of a backend's. An id is the agent's own and may be any text. */
export function archiveDirectory(env: Env, backend = '', id?: string): string {
  const isName = id === undefined || /^[\w-]{1,100}$/.test(id)
  const name = isName ? id : `~${createHash('sha256').update(id).digest('hex').slice(0, 32)}`
  return join(clinvkHome(env), 'archive', backend, name ?? '')
}

/** Undefined where it is not archived. */
export function archivedConversation(
  env: Env,
  backend: string,
  id: string,
): ArchivedConversation | undefined {
  const found = archivedIn(archiveDirectory(env, backend, id))
  return found?.id === id && found.backend === backend ? found : undefined
}

export function archivedIn(directory: string): ArchivedConversation | undefined {
  try {
    const found: unknown = JSON.parse(readFileSync(join(directory, 'about.json'), 'utf8'))
    return isArchived(found) ? found : undefined
  } catch {
    return undefined
  }
}

function isArchived(found: unknown): found is ArchivedConversation {
  if (!isRecord(found) || typeof found.id !== 'string' || typeof found.backend !== 'string') return false
  const {children, files, parents} = found
  const isFile = (file: unknown) =>
    isRecord(file) &&
    typeof file.path === 'string' &&
    typeof file.size === 'number' &&
    /^\w+\.gz$/.test(String(file.name))
  return Array.isArray(parents) && Array.isArray(children) && Array.isArray(files) && files.every(isFile)
}
