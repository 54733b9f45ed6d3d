import {formatDuration} from 'clinvk-kit/format/time'
import {oneLine} from 'clinvk-kit/format/text'
import {cutToWidth} from 'clinvk-kit/format/table'
import type {OutputStream} from 'clinvk-kit/io'
import type {Printer} from './printer.js'

/**
 * One line on the terminal that says what the agent does, for how long. It
 * stands below the answer, which may end in the middle of a line, and never
 * becomes part of it: `hide` takes it away before anything else is printed.
 */
export class LiveLine {
  readonly #printer: Printer
  readonly #stream: OutputStream
  readonly #title: string
  readonly #started = Date.now()
  readonly #timer: NodeJS.Timeout
  #activity = ''
  #frame = 0
  /** Where the cursor stands: at the beginning of a line, or behind text. */
  #behindText = false
  #shown = false

  constructor(printer: Printer, title: string) {
    this.#printer = printer
    this.#stream = printer.io.stderr
    this.#title = title
    this.#timer = setInterval(() => this.#show(), FRAME_MS).unref()
    this.#show()
  }

  /** What the agent does now: a tool and its target, or '' for thinking. */
  doing(activity: string): void {
    this.#activity = oneLine(activity)
  }

  /** Takes the line away. `text` is what is going to be printed on the same terminal. */
  hide(text = ''): void {
    if (this.#shown) this.#stream.write(this.#behindText ? CLEAR_BELOW : CLEAR_LINE)
    this.#shown = false
    if (text !== '') this.#behindText = !text.endsWith('\n')
  }

  end(): void {
    this.hide()
    clearInterval(this.#timer)
  }

  #show(): void {
    const columns = (this.#stream.columns || 80) - 1
    const elapsed = formatDuration(Date.now() - this.#started)
    const spinner = FRAMES[this.#frame++ % FRAMES.length]!
    const parts = [`${spinner} ${this.#title}`, this.#activity, elapsed].filter((part) => part !== '')
    const line = this.#printer.paint('dim', cutToWidth(parts.join(' · '), columns))
    this.#stream.write(
      this.#behindText ? `${MAKE_ROOM_BELOW}\r\n${CLEAR_LINE}${line}${BACK}` : `${CLEAR_LINE}${line}`,
    )
    this.#shown = true
  }
}

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
const FRAME_MS = 120
const CLEAR_LINE = '\r\u001B[2K'
const CLEAR_BELOW = '\u001B[J'
/** One line down (the screen scrolls if need be) and up again, in the same column; then remember the place. */
const MAKE_ROOM_BELOW = '\u001BD\u001B[A\u001B7'
const BACK = '\u001B8'
