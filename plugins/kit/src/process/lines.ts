import {StringDecoder} from 'node:string_decoder'

/**
 * Splits a byte stream into lines at `\n`, without the newline and a `\r` before
 * it: for each chunk that ends a line, all lines that it ends. Takes the next
 * chunk only when these have been used: how much waits in memory is up to the
 * stream alone. The parts of a line are decoded as they come and joined once: a
 * line of 100 MB costs its length, not its square.
 *
 * A line longer than `limit` bytes is cut there; the rest of it is dropped and
 * `cut` is told how many bytes the whole line had, and how many are left.
 */
export async function* lines(
  stream: AsyncIterable<Buffer>,
  {limit = LINE_LIMIT, cut}: {limit?: number; cut?: (bytes: number, kept: number) => void} = {},
): AsyncGenerator<string[]> {
  const decoder = new StringDecoder('utf8')
  let text = ''
  let kept = 0
  let length = 0

  const add = (part: Buffer) => {
    const room = limit - kept
    length += part.length
    if (room <= 0 || part.length === 0) return
    const fits = part.length > room ? part.subarray(0, room) : part
    text += decoder.write(fits)
    kept += fits.length
  }

  const take = (): string => {
    const line = text + decoder.end()
    if (length > kept) cut?.(length, kept)
    text = ''
    kept = 0
    length = 0
    return withoutReturn(line)
  }

  for await (const chunk of stream) {
    const first = chunk.indexOf(NEWLINE)
    if (first === -1) {
      add(chunk)
      continue
    }

    add(chunk.subarray(0, first))
    const found = [take()]
    const last = chunk.lastIndexOf(NEWLINE)
    // Lines that are whole in a chunk are many and short: they are decoded together, which is several times faster.
    if (last - first > limit) {
      for (const part of split(chunk.subarray(first + 1, last + 1))) {
        add(part)
        found.push(take())
      }
    } else if (last > first) {
      for (const line of chunk.toString('utf8', first + 1, last).split('\n')) found.push(withoutReturn(line))
    }

    add(chunk.subarray(last + 1))
    yield found
  }

  if (length > 0) yield [take()]
}

function* split(chunk: Buffer): Generator<Buffer> {
  let start = 0
  for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
    yield chunk.subarray(start, end)
    start = end + 1
  }
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line
}

const NEWLINE = 10
/** Node's longest string has about 512 MiB; a JSON line is held twice while it is parsed. */
const LINE_LIMIT = 128 * 1024 * 1024
