import {finished, type Readable} from 'node:stream'
import {setImmediate as nextTurn} from 'node:timers/promises'

/**
 * Reads a stream into memory, from now on and ahead of whoever takes the chunks.
 * An agent may exit without waiting until its last lines have been read; they
 * are lost unless somebody reads all the time. Only beyond `limit` bytes, until
 * half of them are taken, the writer has to wait.
 *
 * What is given out stands until the next is asked for.
 *
 * A stream that is destroyed without an error has just ended. An error is thrown
 * behind the chunks before it. Who stops taking chunks destroys the stream.
 */
export function readAhead(stream: Readable, limit: number): AsyncGenerator<Buffer> {
  const blocks: Block[] = []
  const free: Block[] = []
  let size = 0
  let end: {error?: Error} | undefined
  let wake: (() => void) | undefined

  const roomy = (): Block => {
    const last = blocks.at(-1)
    if (last && last.end < BLOCK) return last
    const block = free.pop() ?? {bytes: Buffer.allocUnsafeSlow(BLOCK), start: 0, end: 0}
    blocks.push(block)
    return block
  }

  stream.on('data', (chunk: Buffer) => {
    for (let taken = 0; taken < chunk.length;) {
      const block = roomy()
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

  async function* give(): AsyncGenerator<Buffer> {
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
        blocks.shift()
        block.start = 0
        block.end = 0
        free.push(block)
      }
    } finally {
      stream.destroy()
    }
  }

  return give()
}

/** Memory that is used again and again: chunks that are kept for long would stay until V8 looks through all of its own. */
interface Block {
  readonly bytes: Buffer
  /** What lies between has been read and not yet given out. */
  start: number
  end: number
}

const BLOCK = 64 * 1024
