import {existsSync, readdirSync, rmSync, statSync} from 'node:fs'
import {join} from 'node:path'
import type {ConversationAbout, RecordedConversation} from 'clinvk-contract'
import {makeDirectory, replaceFile} from 'clinvk-kit/files/replace-file'
import type {Env} from 'clinvk-kit/io'
import {type Lock, LockFile} from 'clinvk-kit/process/lock-file'
import {archiveFile, compress, isUnchanged} from './archive-file.js'
import {archiveDirectory, type ArchivedConversation} from './archived.js'
import {type ArchivedFile, archivedConversation, archivedIn} from './archived.js'
import {addBytes, countBytes, knownBytes} from './size.js'

export interface ArchiveOptions {
  readonly backend: string
  readonly env: Env
  /** Bytes that archive and transcripts may have together. */
  readonly limit: number
  readonly about?: ConversationAbout
  /** The conversation that cannot be read without this one. */
  readonly child?: string
}

/**
 * Adds to the archive what is new in the agent's files of a conversation. Does nothing while another process archives
 * the same one, or where the archive has reached its largest size. Tells whether anything was added. Throws what the
 * system says: a full disk, files that cannot be read.
 */
export async function archiveConversation(
  {id, paths}: RecordedConversation,
  options: ArchiveOptions,
): Promise<boolean> {
  const {backend, env} = options
  if (isArchived({id, paths}, options) || (await isFull(options))) return false
  const before = archivedConversation(env, backend, id)
  const known = new Map(before?.files.map((file) => [file.path, file]))
  const directory = archiveDirectory(env, backend, id)
  makeDirectory(directory)
  const lock = lockOf(directory).tryAcquire()
  if (!lock) return false
  try {
    const files: ArchivedFile[] = []
    for (const path of paths) {
      const file = await archiveFile(path, known.get(path), directory)
      if (file) files.push(file)
      known.delete(path)
    }

    // What the agent has deleted stays.
    await save({before, files: [...files, ...known.values()], id}, options, lock)
    return true
  } finally {
    lock.release()
  }
}

/** Whether the archive has all that is in these files, and knows the child. */
export function isArchived(
  {id, paths}: RecordedConversation,
  {backend, child, env}: ArchiveOptions,
): boolean {
  const {children = [], files = []} = archivedConversation(env, backend, id) ?? {}
  const known = new Map(files.map((file) => [file.path, file]))
  const hasChild = child === undefined || children.includes(child)
  return hasChild && paths.every((path) => isUnchanged(path, known.get(path)))
}

/** Puts what the agent's program has exported of a conversation into the archive, in the place of what was there. */
export async function archiveExport(
  {id, version}: RecordedConversation,
  text: string,
  options: ArchiveOptions,
): Promise<void> {
  const {backend, env} = options
  if (await isFull(options)) return
  const directory = archiveDirectory(env, backend, id)
  makeDirectory(directory)
  await lockOf(directory).run(async (lock) => {
    const before = archivedConversation(env, backend, id)
    const file = await compress([Buffer.from(text)], directory)
    const size = Buffer.byteLength(text)
    await save(
      {before, files: [{...file, path: '', size, changedAt: 0, print: ''}], id, version},
      options,
      lock,
    )
  })
}

/** Removes a conversation from the archive, unless another one there cannot be read without it. Tells whether it did. */
export async function removeArchived(env: Env, backend: string, id: string): Promise<boolean> {
  const found = archivedConversation(env, backend, id)
  if (!found || found.children.some((child) => archivedConversation(env, backend, child))) return false
  rmSync(archiveDirectory(env, backend, id), {recursive: true, force: true})
  await addBytes(env, -bytesOf(found.files))
  return true
}

/** All conversations in the archive. */
export function* archivedConversations(env: Env): Generator<ArchivedConversation> {
  const root = archiveDirectory(env)
  for (const backend of namesIn(root))
    for (const name of namesIn(join(root, backend))) {
      const found = archivedIn(join(root, backend, name))
      if (found) yield found
    }
}

export function bytesOf(files: readonly ArchivedFile[]): number {
  return files.reduce((total, {bytes}) => total + bytes, 0)
}

async function isFull({env, limit}: ArchiveOptions): Promise<boolean> {
  if (limit === Infinity) return false
  const bytes =
    knownBytes(env) ?? Object.values(await countBytes(env)).reduce((total, part) => total + part, 0)
  return bytes >= limit
}

function lockOf(directory: string): LockFile {
  return new LockFile(join(directory, 'lock'), 'The archive')
}

async function save(
  {
    before,
    files,
    id,
    version,
  }: Pick<ArchivedConversation, 'files' | 'id' | 'version'> & {before?: ArchivedConversation},
  {about, backend, child, env}: ArchiveOptions,
  lock: Lock,
): Promise<void> {
  const directory = archiveDirectory(env, backend, id)
  const {children = []} = before ?? {}
  const now: ArchivedConversation = {
    backend,
    id,
    cwd: about?.cwd ?? before?.cwd,
    title: about?.title ?? before?.title,
    updatedAt: about?.updatedAt ?? before?.updatedAt,
    files,
    parents: about?.parents ?? before?.parents ?? [],
    children: child === undefined || children.includes(child) ? children : [...children, child],
    version,
  }
  lock.check()
  await replaceFile(join(directory, 'about.json'), `${JSON.stringify(now, undefined, 2)}\n`)
  const names = new Set(files.map(({name}) => name))
  for (const {name} of before?.files ?? []) if (!names.has(name)) rmSync(join(directory, name), {force: true})
  await addBytes(env, bytesOf(files) - bytesOf(before?.files ?? []))
}

function namesIn(directory: string): string[] {
  if (!existsSync(directory)) return []
  return readdirSync(directory).filter((name) =>
    statSync(join(directory, name), {throwIfNoEntry: false})?.isDirectory(),
  )
}
