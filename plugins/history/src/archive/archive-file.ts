import {createHash} from 'node:crypto'
import {createReadStream, createWriteStream, rmSync, statSync} from 'node:fs'
import {open, truncate} from 'node:fs/promises'
import {join} from 'node:path'
import {pipeline} from 'node:stream/promises'
import {createGzip} from 'node:zlib'
import {randomHex} from 'clinvk-kit/format/random-id'
import type {ArchivedFile} from './archived.js'

/** Whether the agent's file is as it was when it was archived; also where it is gone. */
export function isUnchanged(path: string, archived: ArchivedFile | undefined): boolean {
  const now = statSync(path, {throwIfNoEntry: false})
  return !now || (now.size === archived?.size && now.mtimeMs === archived.changedAt)
}

/**
 * Archives a file: of one that has grown only the new bytes, as a further gzip member; one that was rewritten is copied
 * anew. Its archived state stays where the file is gone. A crash leaves a state that is valid with the old description.
 */
export async function archiveFile(
  path: string,
  before: ArchivedFile | undefined,
  directory: string,
): Promise<ArchivedFile | undefined> {
  const now = statSync(path, {throwIfNoEntry: false})
  if (!now || isUnchanged(path, before)) return before
  const {mtimeMs: changedAt, size} = now
  const isGrown =
    before !== undefined && size >= before.size && (await printOf(path, before.size)) === before.print
  // Only its time has changed.
  if (isGrown && size === before.size) return {...before, changedAt}
  const chunks = createReadStream(path, {start: isGrown ? before.size : 0, end: Math.max(0, size - 1)})
  const compressed = await compress(size === 0 ? [] : chunks, directory, isGrown ? before : undefined)
  return {...compressed, path, size, changedAt, print: await printOf(path, size)}
}

/** Compresses into a file of the directory, behind what is archived already. */
export async function compress(
  chunks: AsyncIterable<Buffer> | Iterable<Buffer>,
  directory: string,
  before?: Pick<ArchivedFile, 'bytes' | 'name'>,
): Promise<Pick<ArchivedFile, 'bytes' | 'name'>> {
  const name = before?.name ?? `${randomHex().slice(0, 8)}.gz`
  const file = join(directory, name)
  // What was written before a crash, and is not in the description.
  if (before) await truncate(file, before.bytes)
  try {
    await pipeline(
      chunks,
      createGzip(),
      createWriteStream(file, {flags: before ? 'a' : 'wx', mode: 0o600, flush: true}),
    )
  } catch (error) {
    if (!before) rmSync(file, {force: true})
    throw error
  }

  return {name, bytes: statSync(file).size}
}

/** A hash of how the first so many bytes of a file begin and end. */
async function printOf(path: string, size: number): Promise<string> {
  const file = await open(path)
  try {
    const length = Math.min(PRINT, size)
    const head = await file.read(Buffer.alloc(length), 0, length, 0)
    const tail = await file.read(Buffer.alloc(length), 0, length, size - length)
    return createHash('sha256').update(head.buffer).update(tail.buffer).digest('hex').slice(0, 16)
  } finally {
    await file.close()
  }
}

const PRINT = 1024
