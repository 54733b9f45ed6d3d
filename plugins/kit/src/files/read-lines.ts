import {closeSync, readSync} from 'node:fs'
import type {Transform} from 'node:stream'
import {lines} from '../process/lines.js'
import {openFile} from './read-file.js'

/**
 * The lines of a file of any size, without their newlines; also of one that gzip or zstd has compressed, which its first
 * bytes tell. Of one longer than 32 MiB, nothing is kept. What `openFile` throws, or reading, goes to `onUnreadable`.
 */
export async function* readLines(
  path: string,
  onUnreadable = (error: unknown): void => {
    throw error
  },
): AsyncGenerator<string> {
  let file: number | undefined
  try {
    const {file: opened, size} = openFile(path, Infinity)
    file = opened
    for await (const found of lines(decompressed(chunksOf(file, size)), {limit: LONGEST_LINE, dropped: true}))
      yield* found
  } catch (error) {
    onUnreadable(error)
  } finally {
    if (file !== undefined) closeSync(file)
  }
}

/**
 * Of some thousand files only the first line is read: a stream for each would cost ten times as much. Reading is
 * synchronous, so now and then the event loop gets its turn: a server has other things to do.
 */
async function* chunksOf(file: number, size: number): AsyncGenerator<Buffer> {
  let left = size
  for (let most = FIRST_CHUNK; ; most = CHUNK) {
    // No larger than what is there, and a little for what is added meanwhile: memory that is not used is collected late.
    const chunk = Buffer.allocUnsafe(Math.min(most, Math.max(left, SMALLEST_CHUNK)))
    const length = readSync(file, chunk)
    if (length === 0) return
    left -= length
    if (performance.now() - othersRan > LONGEST_MS) {
      await new Promise(setImmediate)
      othersRan = performance.now()
    }

    yield chunk.subarray(0, length)
  }
}

/** Also of a compressed file that was compressed again. */
async function* decompressed(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer, undefined>
  const {value: first} = await chunks.next()
  if (!first) return
  const rest = (async function* () {
    yield first
    yield* {[Symbol.asyncIterator]: () => chunks}
  })()
  if (GZIP.every((byte, index) => first[index] === byte)) {
    const {createGunzip} = await import('node:zlib')
    yield* decompressed(through(rest, createGunzip()))
  } else if (ZSTD.every((byte, index) => first[index] === byte)) yield* unzstd(rest)
  else yield* rest
}

async function* unzstd(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const zlib = (await import('node:zlib')) as {createZstdDecompress?: () => Transform}
  // Node has it since 22.15.
  if (zlib.createZstdDecompress) {
    yield* through(chunks, zlib.createZstdDecompress())
    return
  }

  const {Decompress} = await import('fzstd')
  const found: Uint8Array[] = []
  const decompress = new Decompress((chunk) => found.push(chunk))
  for await (const chunk of chunks) {
    decompress.push(chunk)
    for (const part of found.splice(0)) yield Buffer.from(part)
  }

  // It waits for the end before it reads a file of a few bytes, and tells then whether the file is whole.
  decompress.push(new Uint8Array(), true)
  for (const part of found) yield Buffer.from(part)
}

/** What a decompressor makes of a stream; what is damaged ends it with an error, after all that could be read. */
async function* through(chunks: AsyncIterable<Buffer>, transform: Transform): AsyncGenerator<Buffer> {
  const {pipeline, Readable} = await import('node:stream')
  const failed = new Promise<void>((resolve, reject) => {
    pipeline(Readable.from(chunks), transform, (error) => (error ? reject(error) : resolve()))
  })
  failed.catch(() => undefined)
  yield* transform as AsyncIterable<Buffer>
  await failed
}

/** When the event loop last had its turn, as `performance.now` counts. */
let othersRan = 0
const LONGEST_MS = 10
const GZIP = [0x1f, 0x8b]
const ZSTD = [0x28, 0xb5, 0x2f, 0xfd]
const FIRST_CHUNK = 4 * 1024
const SMALLEST_CHUNK = 1024
const CHUNK = 256 * 1024
const LONGEST_LINE = 32 * 1024 * 1024
