import type {IO, OutputStream} from 'clinvk-kit/io'
import type {TurnError} from 'clinvk-kit/turn/result'
import {paint, type Style} from './paint.js'

/** Prints answers on stdout and everything else on stderr, at the pace of their readers. */
export class Printer {
  readonly io: IO
  /** Whether colours are wanted at all: `output.color`. */
  readonly #color: boolean
  /** Printed, and not yet written. */
  #pending = ''
  #hurry: AbortSignal | undefined

  constructor(io: IO, {color = true}: {color?: boolean} = {}) {
    this.io = io
    this.#color = color
  }

  /** Whether stderr is a terminal on which lines can be drawn anew. */
  get canRedraw(): boolean {
    const {env, stderr} = this.io
    return stderr.isTTY === true && env.TERM !== 'dumb'
  }

  /**
   * Writes to stdout; resolves at once while there is room, else when the reader has caught up. What is printed
   * in one go, such as all that comes of one chunk of the agent, is one write. On a terminal nothing is joined:
   * stderr shows there, too.
   */
  print(text: string): void | Promise<void> {
    const {stdout} = this.io
    if (!stdout.writable) return
    // What is long goes by itself: to join it with more is to copy it.
    if (text.length > LARGEST_WRITE) this.flush()
    if (this.#pending === '') queueMicrotask(() => this.flush())
    this.#pending += text
    if (this.#pending.length > LARGEST_WRITE || stdout.isTTY) this.flush()
    if (!stdout.writableNeedDrain || this.#hurry?.aborted) return
    return drained(stdout, this.#hurry)
  }

  /** Writes to stderr, behind what was printed before. */
  say(text: string): void {
    this.flush()
    this.io.stderr.write(text)
  }

  /** Tells the user something that is not part of the answer. */
  note(message: string): void {
    this.say(`${this.paint('yellow', 'Note:')} ${message}\n`)
  }

  /** An error for people: what happened, then what to do next, a line each. */
  error({hints = [], kind, message, resets_at: resets}: TurnError): void {
    const lines = [...(resets === undefined ? [] : [`The limit ends at ${resets}.`]), ...hints]
    // A user who has pressed Ctrl-C has made no error.
    const label = kind === 'cancelled' ? '' : `${this.paint('red', 'Error:')} `
    this.say(`${label}${message}\n${lines.map((line) => `  ${line}\n`).join('')}`)
  }

  /** Colours a text where the stream shows colours and `output.color` allows them. */
  paint(style: Style, text: string, stream: OutputStream = this.io.stderr): string {
    return this.#color ? paint(stream, this.io.env, style, text) : text
  }

  /** Once this aborts, no reader is waited for. */
  hurryAt(signal: AbortSignal): void {
    this.#hurry = signal
  }

  /** Writes what was printed. */
  flush(): void {
    const text = this.#pending
    this.#pending = ''
    if (text !== '' && this.io.stdout.writable) this.io.stdout.write(text)
  }
}

function drained(stream: OutputStream, hurry: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stream.off('drain', done).off('close', done)
      hurry?.removeEventListener('abort', done)
      resolve()
    }

    stream.once('drain', done).once('close', done)
    hurry?.addEventListener('abort', done)
  })
}

const LARGEST_WRITE = 64 * 1024
