import {cutToWidth, displayWidth, padToWidth} from './width.js'

export interface Column {
  readonly title: string
  /** The least width, in terminal columns, so that short tables look alike from run to run. */
  readonly width: number
}

/**
 * Rows under a header, a line each, columns two spaces apart. With `terminalWidth` the last
 * column is cut to fit; without it (piped) nothing is cut.
 */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  terminalWidth?: number,
): string {
  const widths = columns.map(({title, width}, index) =>
    Math.max(width, displayWidth(title), ...rows.map((row) => displayWidth(row[index]!))),
  )
  const last = columns.length - 1
  const before = widths.slice(0, last).reduce((sum, width) => sum + width + GAP.length, 0)
  const room = terminalWidth === undefined ? Infinity : Math.max(MINIMUM, terminalWidth - before)
  return [columns.map(({title}) => title), ...rows]
    .map((row) =>
      row.map((cell, index) => (index === last ? cutToWidth(cell, room) : padToWidth(cell, widths[index]!))),
    )
    .map((row) => `${row.join(GAP)}\n`)
    .join('')
}

const GAP = '  '
/** The last column keeps some room even where the terminal is too narrow for the others. */
const MINIMUM = 10
