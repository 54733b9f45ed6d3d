import {cutToWidth, widthOf} from 'clinvk-kit/format/table'
import {oneLine} from 'clinvk-kit/format/text'
import {formatDuration} from 'clinvk-kit/format/time'
import type {OutputStream} from 'clinvk-kit/io'
import {drawingOn} from 'clinvk-kit/format/terminal'
import type {Printer} from './printer.js'

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
  /** The cursor stands behind text, not at the beginning of a line. */
  #behindText = false
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
    if (this.#shown) this.#stderr.write(this.#behindText ? CLEAR_BELOW : CLEAR_LINE)
    this.#shown = false
    if (text !== '') this.#behindText = !text.endsWith('\n')
  }

  end(): void {
    this.hide()
    clearInterval(this.#timer)
  }

  #show(): void {
    const elapsed = formatDuration(Date.now() - this.#started)
    const title = `${spinner(this.#frame++)} ${this.#title}`
    const left = this.#until === undefined ? undefined : Math.max(0, this.#until - Date.now())
    const activity = left === undefined ? this.#activity : `waits ${formatDuration(left)} until a limit ends`
    const parts = [title, ...(activity === '' ? [] : [activity]), elapsed]
    const text = this.#printer.paint('dim', cutToWidth(parts.join(' · '), widthOf(this.#stderr) - 1))
    const line = CLEAR_LINE + text
    this.#stderr.write(this.#behindText ? `${MAKE_ROOM_BELOW}\r\n${line}${BACK}` : line)
    this.#shown = true
  }
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
