import {withoutMark} from '../files/read-file.js'

/**
 * Splits a byte stream into lines at `\n`, without the newline, a `\r` before it, and a byte order mark at the start: for each chunk that ends
 * a line, all lines that it ends. Takes the next chunk only when these have been used. The parts of a line
 * are joined and decoded once: a line of 100 MB costs its length, not its square.
 *
 * A line longer than `limit` bytes is cut there, or with `dropped` empty; `cut` is told how many bytes the whole line had,
 * and how many are left.
 */
export async function* lines(
  stream: AsyncIterable<Buffer>,
  {
    limit = LINE_LIMIT,
    cut,
    dropped = false,
  }: {limit?: number; cut?: (bytes: number, kept: number) => void; dropped?: boolean} = {},
): AsyncGenerator<string[]> {
  const parts: Buffer[] = []
  let kept = 0
  let length = 0
  let isFirst = true
  const add = (part: Buffer) => {
    const fits = part.subarray(0, limit - kept)
    // The memory of a chunk may be used again for the next one.
    if (fits.length > 0) parts.push(Buffer.from(fits))
    kept += fits.length
    length += part.length
    if (dropped && length > kept) parts.length = 0
  }
  const take = (): string => {
    const line = Buffer.concat(parts.splice(0))
    if (length > kept) cut?.(length, kept)
    kept = 0
    length = 0
    return withoutReturn(line.toString())
  }

  for await (const chunk of stream) {
    let start = 0
    const found: string[] = []
    const last = chunk.lastIndexOf(NEWLINE)
    while (start <= last) {
      const end = chunk.indexOf(NEWLINE, start)
      add(chunk.subarray(start, end))
      found.push(take())
      start = end + 1
      // Whole lines are many and short: they are decoded together, which is several times faster.
      if (start > last || last - start > limit) continue
      for (const line of chunk.toString('utf8', start, last).split('\n')) found.push(withoutReturn(line))
      start = last + 1
    }

    add(chunk.subarray(start))
    if (found.length === 0) continue
    if (isFirst) found[0] = withoutMark(found[0]!)
    isFirst = false
    yield found
  }

  if (length > 0) yield [isFirst ? withoutMark(take()) : take()]
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line
}

const NEWLINE = 10
/** Node's longest string has about 512 MiB; a JSON line is held twice while it is parsed. */
const LINE_LIMIT = 128 * 1024 * 1024
