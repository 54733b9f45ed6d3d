import {finished, type Readable} from 'node:stream'
import {setImmediate as nextTurn} from 'node:timers/promises'

/**
 * Reads a stream into memory, from now on and ahead of whoever takes the chunks. An agent may exit without
 * waiting until its last lines have been read; they are lost unless somebody reads all the time. Only beyond
 * `limit` bytes, until half of them are taken, the writer has to wait.
 *
 * A chunk is valid until the next is asked for. A stream that is destroyed without an error has just ended.
 * An error is thrown behind the chunks before it. Who stops taking chunks destroys the stream.
 */
export function readAhead(stream: Readable, limit: number): AsyncGenerator<Buffer> {
  const blocks: Block[] = []
  const free: Block[] = []
  let size = 0
  let end: {error?: Error} | undefined
  let wake: (() => void) | undefined

  stream.on('data', (chunk: Buffer) => {
    for (let taken = 0; taken < chunk.length;) {
      let block = blocks.at(-1)
      if (!block || block.end === BLOCK) {
        block = free.pop() ?? {bytes: Buffer.allocUnsafeSlow(BLOCK), start: 0, end: 0}
        blocks.push(block)
      }

      const copied = chunk.copy(block.bytes, block.end, taken)
      block.end += copied
      taken += copied
    }

    size += chunk.length
    if (size >= limit) stream.pause()
    wake?.()
  })
  finished(stream, {writable: false}, (error) => {
    end = error && error.code !== 'ERR_STREAM_PREMATURE_CLOSE' ? {error} : {}
    wake?.()
  })

  async function* chunks(): AsyncGenerator<Buffer> {
    try {
      for (;;) {
        const [block] = blocks
        if (!block) {
          if (end?.error) throw end.error
          if (end) return
          await new Promise<void>((resolve) => (wake = resolve))
          continue
        }

        // Reading comes first: what is given out can keep its taker busy for a while.
        await nextTurn()
        const taken = block.bytes.subarray(block.start, block.end)
        block.start = block.end
        size -= taken.length
        if (stream.isPaused() && size <= limit / 2) stream.resume()
        yield taken
        if (block.start < block.end) continue
        free.push(Object.assign(blocks.shift()!, {start: 0, end: 0}))
      }
    } finally {
      stream.destroy()
    }
  }

  return chunks()
}

/** Used again and again: memory that is freed late would add up. What lies between is not yet given out. */
interface Block {
  readonly bytes: Buffer
  start: number
  end: number
}

const BLOCK = 64 * 1024
