import assert from 'node:assert/strict'
import {Readable} from 'node:stream'
import {lines} from 'clinvk-kit/process/lines'

describe('lines of a byte stream', () => {
  const smiley = Buffer.from('😀')
  const CASES: [string, (string | Buffer)[], string[]][] = [
    ['nothing', [], []],
    ['whole lines', ['a\nb\n'], ['a', 'b']],
    ['no newline at the end', ['a\nb'], ['a', 'b']],
    ['a line over many chunks', ['a', 'b', 'c\nd', '\n'], ['abc', 'd']],
    ['empty lines', ['\n\na\n\n'], ['', '', 'a', '']],
    ['an empty chunk', ['a', '', 'b\n'], ['ab']],
    ['CRLF', ['a\r\nb\r\n'], ['a', 'b']],
    ['CRLF, cut between the two', ['a\r', '\nb'], ['a', 'b']],
    ['a CR inside a line', ['a\rb\n'], ['a\rb']],
    [
      'a character cut in two',
      [smiley.subarray(0, 1), smiley.subarray(1, 3), smiley.subarray(3), '\n'],
      ['😀'],
    ],
    ['line separators that are none in JSON', ['"\u2028\u2029\u0085"\n'], ['"\u2028\u2029\u0085"']],
    ['a byte order mark at the start', ['\uFEFFa\n\uFEFFb\n'], ['a', '\uFEFFb']],
    ['bytes that are no UTF-8', [Buffer.of(0x61, 0xff, 0x0a)], ['a\uFFFD']],
  ]
  for (const [name, chunks, expected] of CASES) {
    it(name, async () => assert.deepEqual(await all(lines(stream(chunks))), expected))
  }

  it('are cut at the limit, which is told, and the next one is whole', async () => {
    const told: number[][] = []
    const cut = (...numbers: number[]) => told.push(numbers)
    const found = await all(lines(stream(['123', '456789\n12345\n', '123456']), {limit: 5, cut}))
    assert.deepEqual(found, ['12345', '12345', '12345'])
    assert.deepEqual(told.flat(), [9, 5, 6, 5])
  })

  it('are read no faster than they are used', async () => {
    let given = 0
    async function* chunks() {
      for (; given < 100; given++) yield await Promise.resolve(Buffer.from('a\nb\n'))
    }

    const reading = lines(chunks())
    await reading.next()
    await reading.next()
    assert.ok(given <= 1, `${given} chunks`)
  })

  function stream(chunks: readonly (string | Buffer)[]): Readable {
    return Readable.from(chunks.map((chunk) => Buffer.from(chunk as string)))
  }

  async function all(found: AsyncIterable<readonly string[]>): Promise<string[]> {
    const result: string[] = []
    for await (const lines of found) result.push(...lines)
    return result
  }
})
