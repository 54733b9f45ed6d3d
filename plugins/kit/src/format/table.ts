import stringWidth from 'fast-string-width'
import type {OutputStream} from '../io.js'

export interface Column {
  readonly title: string
  /** The least width, in terminal columns, so that short tables look alike from run to run. */
  readonly width: number
}

/**
 * Rows under a header, a line each, columns two spaces apart. With `terminalWidth` the last column is cut to
 * fit, and in a very narrow terminal whole rows are; without it (piped) nothing is cut.
 */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  terminalWidth = Infinity,
): string {
  const last = columns.length - 1
  const needed = columns.map(({title}, index) =>
    Math.max(displayWidth(title), ...rows.map((row) => displayWidth(row[index]!))),
  )
  const usual = needed.map((width, index) => Math.max(width, columns[index]!.width))
  const before = (widths: readonly number[]) =>
    widths.slice(0, last).reduce((sum, width) => sum + width + GAP.length, 0)
  const widths = before(usual) + MINIMUM > terminalWidth ? needed : usual
  const room = Math.max(MINIMUM, terminalWidth - before(widths))
  return [columns.map(({title}) => title), ...rows]
    .map((row) =>
      row.map((cell, index) => (index === last ? cutToWidth(cell, room) : padToWidth(cell, widths[index]!))),
    )
    .map((row) => `${cutToWidth(row.join(GAP), terminalWidth)}\n`)
    .join('')
}

const GAP = '  '
/** The last column keeps some room as long as there is any. */
const MINIMUM = 10

/** The columns that a line on this stream may take: those of a terminal, 80 where it does not say; else any number. */
export function widthOf({columns, isTTY}: Pick<OutputStream, 'columns' | 'isTTY'>): number {
  return isTTY ? columns || 80 : Infinity
}

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
