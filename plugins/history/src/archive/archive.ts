import {existsSync, readdirSync, rmSync, statSync} from 'node:fs'
import {join} from 'node:path'
import type {ConversationAbout, RecordedConversation} from 'clinvk-contract'
import {makeDirectory, replaceFile} from 'clinvk-kit/files/replace-file'
import type {Env} from 'clinvk-kit/io'
import {LockFile} from 'clinvk-kit/process/lock-file'
import type {RecordAccess} from '../transcript/record-access.js'
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
 * Archives what an agent has recorded of a conversation, and then of those without which it cannot be read. What the
 * agent keeps in no files is exported, if its program may be started. Does nothing while another process archives the same
 * one, or where the archive has reached its largest size. Throws what the system says: a full disk, files that cannot be
 * read.
 */
export async function archiveRecord(
  recorded: RecordedConversation,
  access: RecordAccess,
  options: ArchiveOptions,
): Promise<void> {
  const {backend, child, env} = options
  const {id, paths, version} = recorded
  const {ask, files, history} = access
  if (paths.length === 0) {
    if (!history.exportProgram) return
    if (archivedConversation(env, backend, id)?.version === version) return
    const answer = await ask(history.exportProgram(id))
    if (answer?.code !== 0) return
    const about = {...options, about: recorded.about}
    await change(recorded, about, async (directory) => [await exported(answer.stdout, directory)])
    return
  }

  // Most turns find nothing else new; the record is opened only where something is.
  if (isArchived(recorded, options)) return
  const about = {...options.about, ...recorded.about, ...(await beginningOf(recorded, access))}
  const isAdded = await change(recorded, {...options, about}, (directory, before) =>
    copied(paths, directory, before),
  )
  if (!isAdded) return
  for (const parent of about.parents ?? []) {
    // A circle has no end.
    if (parent === child || parent === id) continue
    const [found] = await history.conversations(files, ask, {id: parent, cwd: about.cwd ?? '/'})
    if (found) await archiveRecord(found, access, {...options, about: undefined, child: id})
  }
}

/** Whether the archive has all that is in these files, and knows the child. */
export function isArchived(
  {id, paths}: RecordedConversation,
  {backend, child, env}: Pick<ArchiveOptions, 'backend' | 'child' | 'env'>,
): boolean {
  const {children = [], files = []} = archivedConversation(env, backend, id) ?? {}
  const known = new Map(files.map((file) => [file.path, file]))
  const hasChild = child === undefined || children.includes(child)
  return hasChild && paths.every((path) => isUnchanged(path, known.get(path)))
}

/** Removes a conversation from the archive, unless another one there cannot be read without it. Returns whether it did. */
export async function removeArchived(env: Env, backend: string, id: string): Promise<boolean> {
  const found = archivedConversation(env, backend, id)
  if (!found || found.children.some((child) => archivedConversation(env, backend, child))) return false
  rmSync(archiveDirectory(env, backend, id), {recursive: true, force: true})
  await addBytes(env, -bytesOf(found.files))
  return true
}

/** All conversations in the archive. */
export function archivedConversations(env: Env): ArchivedConversation[] {
  const root = archiveDirectory(env)
  return directoriesIn(root)
    .flatMap(directoriesIn)
    .flatMap((directory) => archivedIn(directory) ?? [])
}

export function bytesOf(files: readonly ArchivedFile[]): number {
  return files.reduce((total, {bytes}) => total + bytes, 0)
}

/** What a record says about its conversation before the first message. */
async function beginningOf(
  recorded: RecordedConversation,
  {ask, files, history}: RecordAccess,
): Promise<ConversationAbout> {
  let about: ConversationAbout = {}
  for await (const entry of history.transcript(recorded, files, ask)) {
    if (entry.type !== 'about') break
    about = {...about, ...entry.about}
  }

  return about
}

/** Gives a conversation the files that `add` has made in its directory. Returns whether it could. */
async function change(
  {id, version}: RecordedConversation,
  {about, backend, child, env, limit}: ArchiveOptions,
  add: (directory: string, before: readonly ArchivedFile[]) => Promise<ArchivedFile[]>,
): Promise<boolean> {
  if (limit !== Infinity && (knownBytes(env) ?? (await countBytes(env)).all) >= limit) return false
  const directory = archiveDirectory(env, backend, id)
  makeDirectory(directory)
  const lock = new LockFile(join(directory, 'lock'), 'The archive').tryAcquire()
  if (!lock) return false
  try {
    const before = archivedConversation(env, backend, id)
    const {children = [], files: known = []} = before ?? {}
    const files = await add(directory, known)
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
    for (const {name} of known) if (!names.has(name)) rmSync(join(directory, name), {force: true})
    await addBytes(env, bytesOf(files) - bytesOf(known))
    return true
  } finally {
    lock.release()
  }
}

/** Adds what is new in the agent's files. What the agent has deleted stays. */
async function copied(
  paths: readonly string[],
  directory: string,
  before: readonly ArchivedFile[],
): Promise<ArchivedFile[]> {
  const known = new Map(before.map((file) => [file.path, file]))
  const files: ArchivedFile[] = []
  for (const path of paths) {
    const file = await archiveFile(path, known.get(path), directory)
    if (file) files.push(file)
    known.delete(path)
  }

  return [...files, ...known.values()]
}

/** What the agent's program has exported, in the place of what was there. */
async function exported(text: string, directory: string): Promise<ArchivedFile> {
  const file = await compress([Buffer.from(text)], directory)
  return {...file, path: '', size: Buffer.byteLength(text), changedAt: 0, print: ''}
}

/** Paths of the directories in one. */
function directoriesIn(directory: string): string[] {
  if (!existsSync(directory)) return []
  return readdirSync(directory)
    .map((name) => join(directory, name))
    .filter((path) => statSync(path, {throwIfNoEntry: false})?.isDirectory())
}
