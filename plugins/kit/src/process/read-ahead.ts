import {finished, type Readable} from 'node:stream'

/**
 * Reads a stream into memory, from now on and ahead of whoever takes the chunks.
 * An agent may exit without waiting until its last lines have been read; they
 * are lost unless somebody reads all the time. Only beyond `limit` bytes, until
 * half of them are taken, the writer has to wait.
 *
 * A stream that is destroyed without an error has just ended. An error is thrown
 * behind the chunks before it. Who stops taking chunks destroys the stream.
 */
export function readAhead(stream: Readable, limit: number): AsyncGenerator<Buffer> {
  let ahead: Buffer[] = []
  let size = 0
  let end: {error?: Error} | undefined
  let wake: (() => void) | undefined

  stream.on('data', (chunk: Buffer) => {
    ahead.push(chunk)
    size += sizeOf(chunk)
    if (size >= limit) stream.pause()
    wake?.()
  })
  finished(stream, {writable: false}, (error) => {
    end = error && error.code !== 'ERR_STREAM_PREMATURE_CLOSE' ? {error} : {}
    wake?.()
  })

  async function* give(): AsyncGenerator<Buffer> {
    try {
      for (;;) {
        if (ahead.length === 0) {
          if (end?.error) throw end.error
          if (end) return
          await new Promise<void>((resolve) => (wake = resolve))
          continue
        }

        const batch = ahead.reverse()
        ahead = []
        for (let chunk = batch.pop(); chunk; chunk = batch.pop()) {
          // Reading comes first: a chunk can keep its taker busy for a while.
          await new Promise(setImmediate)
          size -= sizeOf(chunk)
          if (stream.isPaused() && size <= limit / 2) stream.resume()
          yield chunk
        }
      }
    } finally {
      stream.destroy()
    }
  }

  return give()
}

/** What a chunk takes in memory, which is more than its bytes: an agent may write a word at a time. */
function sizeOf(chunk: Buffer): number {
  return chunk.length + OVERHEAD
}

const OVERHEAD = 1024
