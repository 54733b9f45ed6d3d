import stringWidth from 'fast-string-width'

/** The columns that a text takes on a terminal: CJK and emoji take two. */
export function displayWidth(text: string): number {
  return isPlain(text) ? text.length : stringWidth(text)
}

/** Cuts a text to at most `columns` columns, the last one `…` when something is missing. */
export function cutToWidth(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text
  let kept = ''
  let width = 0
  for (const {segment} of new Intl.Segmenter().segment(text)) {
    width += displayWidth(segment)
    if (width > columns - 1) break
    kept += segment
  }

  return `${kept}…`
}

/** Fills a text up with spaces to `columns` columns. */
export function padToWidth(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - displayWidth(text)))
}

function isPlain(text: string): boolean {
  return /^[ -~]*$/.test(text)
}
