/**
 * Splits a byte stream into lines at `\n`, without the newline and a `\r` before
 * it. Takes the next chunk only when the line has been used: how much waits in
 * memory is up to the stream alone. The parts of a line are joined once: a line
 * of 100 MB costs its length, not its square.
 *
 * A line longer than `limit` bytes is cut there; the rest of it is dropped and
 * `cut` is told how many bytes the whole line had, and how many are left.
 */
export async function* lines(
  stream: AsyncIterable<Buffer>,
  {limit = LINE_LIMIT, cut}: {limit?: number; cut?: (bytes: number, kept: number) => void} = {},
): AsyncGenerator<string> {
  let parts: Buffer[] = []
  let kept = 0
  let length = 0

  const add = (part: Buffer) => {
    const room = limit - kept
    length += part.length
    if (room <= 0 || part.length === 0) return
    const fits = part.length > room ? part.subarray(0, room) : part
    parts.push(fits)
    kept += fits.length
  }

  const take = (): string => {
    const buffer = parts.length === 1 ? parts[0]! : Buffer.concat(parts)
    const end = buffer.at(-1) === CARRIAGE_RETURN ? buffer.length - 1 : buffer.length
    if (length > kept) cut?.(length, kept)
    parts = []
    kept = 0
    length = 0
    return buffer.toString('utf8', 0, end)
  }

  for await (const chunk of stream) {
    let start = 0
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      add(chunk.subarray(start, end))
      start = end + 1
      yield take()
    }

    add(chunk.subarray(start))
  }

  if (length > 0) yield take()
}

const NEWLINE = 10
const CARRIAGE_RETURN = 13
/** Node's longest string has about 512 MiB; a JSON line is held twice while it is parsed. */
const LINE_LIMIT = 128 * 1024 * 1024
