/** At most `count` pieces of about one length, at least one (maybe empty) piece, no character torn apart. */
export function splitText(text: string, count: number): string[] {
  const size = Math.max(1, Math.ceil(text.length / count))
  const pieces: string[] = []
  let start = 0
  do {
    let end = start + size
    if (isHighSurrogate(text.charCodeAt(end - 1))) end++
    pieces.push(text.slice(start, end))
    start = end
  } while (start < text.length)
  return pieces
}

const isHighSurrogate = (code: number) => code >= 0xd8_00 && code <= 0xdb_ff
