import {stripVTControlCharacters} from 'node:util'
import {cutToWidth, displayWidth, widthOf} from 'clinvk-kit/format/table'
import {oneLine} from 'clinvk-kit/format/text'
import {formatDuration} from 'clinvk-kit/format/time'
import type {IO, OutputStream} from 'clinvk-kit/io'
import {visible} from 'clinvk-kit/format/visible'
import {drawingOn} from 'clinvk-kit/format/terminal'
import {Printer} from './printer.js'

/**
 * One line on the terminal that says what the agent does, for how long. It stands below the answer, which may end in
 * the middle of a line; `hide` removes it before anything else is printed.
 */
export class LiveLine {
  readonly #printer: Printer
  readonly #stderr: OutputStream
  readonly #title: string
  readonly #started = Date.now()
  readonly #timer: NodeJS.Timeout
  #activity = ''
  #until: number | undefined
  #frame = 0
  /** How many columns of text stand before the cursor in its line. */
  #column = 0
  #shown = false

  constructor(printer: Printer, title: string) {
    this.#printer = printer
    this.#stderr = drawingOn(printer.io.stderr)
    this.#title = oneLine(title)
    this.#timer = setInterval(() => this.#show(), FRAME_MS).unref()
    this.#show()
  }

  /** What the agent does now: a tool and its target, or '' for thinking. */
  doing(activity: string): void {
    this.#activity = oneLine(activity)
  }

  /** Counts down to this time, in milliseconds since 1970. */
  waiting(until: number | undefined): void {
    this.#until = until
  }

  /** Removes the line. `text` is what is going to be printed on the same terminal. */
  hide(text = ''): void {
    if (this.#shown) this.#stderr.write(this.#column > 0 ? CLEAR_BELOW : CLEAR_LINE)
    this.#shown = false
    this.#column = columnAfter(text, this.#column, widthOf(this.#stderr))
  }

  end(): void {
    this.hide()
    clearInterval(this.#timer)
  }

  #show(): void {
    const columns = widthOf(this.#stderr)
    // In a full line, the terminal wraps at the next character; it would not after the cursor has moved away and back.
    if (this.#column >= columns) return
    const elapsed = formatDuration(Date.now() - this.#started)
    const title = `${spinner(this.#frame++)} ${this.#title}`
    const left = this.#until === undefined ? undefined : Math.max(0, this.#until - Date.now())
    const activity = left === undefined ? this.#activity : `waits ${formatDuration(left)} until a limit ends`
    const parts = [title, ...(activity === '' ? [] : [activity]), elapsed]
    const text = this.#printer.paint('dim', cutToWidth(parts.join(' · '), columns - 1))
    const line = CLEAR_LINE + text
    this.#stderr.write(this.#column > 0 ? `${MAKE_ROOM_BELOW}\r\n${line}${BACK}` : line)
    this.#shown = true
  }
}

/** Shows on a terminal what is being done until it is. */
export async function withProgress<T>(io: IO, what: string, action: () => Promise<T>): Promise<T> {
  const printer = new Printer(io)
  if (!printer.canRedraw) return action()
  const line = new LiveLine(printer, what)
  try {
    return await action()
  } finally {
    line.end()
  }
}

/** The column of the cursor after a text that begins in column `before`. */
function columnAfter(text: string, before: number, columns: number): number {
  const lines = text.split('\n')
  let column = lines.length > 1 ? 0 : before
  for (const character of stripVTControlCharacters(visible(lines.at(-1)!))) {
    if (character === '\t') column = Math.min(column + 8 - (column % 8), columns - 1)
    else if (column + displayWidth(character) > columns) column = displayWidth(character)
    else column += displayWidth(character)
  }

  return column
}

/** What turns while something runs; `frame` counts up every `FRAME_MS`. */
export function spinner(frame: number): string {
  return '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏'[frame % 10]!
}

export const FRAME_MS = 120
const CLEAR_LINE = '\r\u001B[2K'
const CLEAR_BELOW = '\u001B[J'
/** One line down (the screen scrolls if need be) and up again, in the same column; then remember the place. */
const MAKE_ROOM_BELOW = '\u001BD\u001B[A\u001B7'
const BACK = '\u001B8'
