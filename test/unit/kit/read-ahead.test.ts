import assert from 'node:assert/strict'
import {once} from 'node:events'
import {Readable} from 'node:stream'
import {readAhead} from 'clinvk-kit/process/read-ahead'
import {waitFor} from '../../support/wait-for.js'

describe('reading ahead', () => {
  const LIMIT = 1_000_000

  it('takes all that a writer has while nobody takes it from us, and gives it out in order', async () => {
    const writer = writing({chunks: 400, size: 1000})
    const chunks = readAhead(writer.stream, LIMIT)
    await once(writer.stream, 'close')
    assert.equal(writer.taken, 400)
    const whole = Buffer.concat(await all(chunks))
    assert.deepEqual(
      Array.from({length: 400}, (_, index) => whole.readUInt32LE(index * 1000)),
      Array.from({length: 400}, (_, index) => index),
    )
  })

  for (const size of [40, 50_000]) {
    it(`holds a writer of ${size} bytes a time back beyond the limit, and no longer when half of it is taken`, async () => {
      const writer = writing({chunks: Infinity, size})
      const chunks = readAhead(writer.stream, LIMIT)
      let taken = 0
      const takeUntil = async (bytes: number) => {
        while (taken < bytes) taken += ((await chunks.next()).value as Buffer).length
      }

      await waitFor('nothing is read any more', () => writer.stream.isPaused())
      const first = writer.taken
      assert.ok(first * size >= LIMIT && (first - 2) * size <= LIMIT, `${first} chunks`)
      await takeUntil(LIMIT / 4)
      assert.ok(writer.stream.isPaused())
      await takeUntil(LIMIT * 0.6)
      await waitFor('more is read', () => writer.taken > first)
      await chunks.return(undefined)
    })
  }

  it('comes before giving out: the pipe has its turn before each chunk', async () => {
    const writer = writing({chunks: 3, size: 100_000})
    const chunks = readAhead(writer.stream, LIMIT)
    await once(writer.stream, 'close')
    for (let count = 0; count < 3; count++) {
      let hadTurn = false
      setImmediate(() => (hadTurn = true))
      await chunks.next()
      assert.ok(hadTurn)
    }
  })

  it('gives out what stands until the next is asked for, whatever is read meanwhile', async () => {
    const writer = writing({chunks: 500, size: 1000})
    let number = 0
    for await (const chunk of readAhead(writer.stream, LIMIT)) {
      await new Promise((resolve) => setTimeout(resolve, 5))
      // Every chunk of the writer begins at a multiple of its size, and each block of ours somewhere in one.
      for (let at = (1000 - (number % 1000)) % 1000; at + 4 <= chunk.length; at += 1000)
        assert.equal(chunk.readUInt32LE(at), (number + at) / 1000)
      number += chunk.length
    }

    assert.equal(number, 500_000)
  })

  it('throws what has gone wrong behind the chunks before it', async () => {
    const stream = new Readable({read: () => undefined})
    const chunks = readAhead(stream, LIMIT)
    stream.push('a')
    await waitFor('it is read', () => stream.readableLength === 0)
    stream.destroy(new Error('no cable'))
    assert.equal(String((await chunks.next()).value), 'a')
    await assert.rejects(chunks.next(), /no cable/)
  })

  it('ends where the stream is destroyed, with what has come by then', async () => {
    const stream = new Readable({read: () => undefined})
    const chunks = readAhead(stream, LIMIT)
    stream.push('a')
    await waitFor('it is read', () => stream.readableLength === 0)
    stream.destroy()
    assert.deepEqual((await all(chunks)).map(String), ['a'])
  })

  it('destroys the stream when nobody wants more of it', async () => {
    const writer = writing({chunks: Infinity, size: 1000})
    for await (const chunk of readAhead(writer.stream, LIMIT)) if (chunk.length > 0) break
    assert.ok(writer.stream.destroyed)
  })

  /** A stream of numbered chunks, and how many of them have been taken. */
  function writing({chunks, size}: {chunks: number; size: number}) {
    const writer = {
      taken: 0,
      stream: new Readable({
        highWaterMark: 1,
        read() {
          if (writer.taken === chunks) return void this.push(null)
          const chunk = Buffer.alloc(size)
          chunk.writeUInt32LE(writer.taken++)
          // As from a pipe, which has the next chunk a little later.
          setImmediate(() => this.push(chunk))
        },
      }),
    }
    return writer
  }

  async function all(found: AsyncIterable<Buffer>): Promise<Buffer[]> {
    const result: Buffer[] = []
    for await (const chunk of found) result.push(Buffer.from(chunk))
    return result
  }
})
