import {styleText} from 'node:util'
import {Failure} from 'clinvk-kit/errors/failure'
import {localTime} from 'clinvk-kit/format/time'
import type {Env, IO, OutputStream} from 'clinvk-kit/io'
import type {TurnError} from 'clinvk-kit/turn/result'

/** Prints answers on stdout and everything else on stderr, at the pace of their readers. */
export class Printer {
  readonly io: IO
  readonly #color: boolean
  readonly #quiet: boolean
  /** Printed, and not yet written. */
  #pending = ''
  /** Colours may be on, on the terminal. */
  #hasColors = false
  #hurry: AbortSignal | undefined
  #now = 0
  #nowText = ''

  constructor(io: IO, {color = true, quiet = false}: {color?: boolean; quiet?: boolean} = {}) {
    this.io = io
    this.#color = color
    this.#quiet = quiet
  }

  /** Whether progress may be shown: stderr is a terminal on which lines can be drawn anew. */
  get canRedraw(): boolean {
    const {env, stderr} = this.io
    return !this.#quiet && stderr.isTTY === true && env.TERM !== 'dumb'
  }

  /**
   * Writes to stdout; resolves at once while there is room, else when the reader has caught up. What is printed in
   * one go is one write, except on a terminal, where stderr shows in between.
   */
  print(text: string): void | Promise<void> {
    const {stdout} = this.io
    if (!stdout.writable) return
    // To join a long text with more would copy it.
    if (text.length > LARGEST_WRITE) this.flush()
    if (stdout.isTTY && text.includes('\u001B')) this.#hasColors = text !== RESET
    if (this.#pending === '') queueMicrotask(() => this.flush())
    this.#pending += text
    if (this.#pending.length > LARGEST_WRITE || stdout.isTTY) this.flush()
    if (!stdout.writableNeedDrain || this.#hurry?.aborted) return
    return drained(stdout, this.#hurry)
  }

  /** One JSON object over several lines, for scripts. */
  printJson(value: object): void | Promise<void> {
    return this.print(`${jsonText(value)}\n`)
  }

  /** One JSON object on a line, for programs. */
  printLine(type: string, fields: object): void | Promise<void> {
    const line = {type, time: this.#time(), ...fields}
    return this.print(`${jsonOf(line)}\n`)
  }

  #time(): string {
    const now = this.io.now().getTime()
    // Many lines have the same millisecond.
    if (now !== this.#now) [this.#now, this.#nowText] = [now, new Date(now).toISOString()]
    return this.#nowText
  }

  /** Writes to stderr, behind what was printed before. */
  say(text: string): void {
    this.endColors()
    this.flush()
    this.io.stderr.write(text)
  }

  /** Tells the user something that is not part of the answer; with `--quiet` not even that. */
  note(message: string): void {
    if (!this.#quiet) this.say(`${this.paint('yellow', 'Note:')} ${message}\n`)
  }

  /** An error for people: what happened, then what to do next, a line each. */
  error({hints = [], kind, message, resets_at: resets}: TurnError): void {
    const lines = [...(resets === undefined ? [] : [`The limit ends at ${localTime(resets)}.`]), ...hints]
    // A user who has pressed Ctrl-C has made no error.
    const label = kind === 'cancelled' ? '' : `${this.paint('red', 'Error:')} `
    this.say(`${label}${message}\n${lines.map((line) => `  ${line}\n`).join('')}`)
  }

  /** On a terminal, ends the colours that an answer has left on: they could hide what follows. */
  endColors(): void {
    if (this.#hasColors) void this.print(RESET)
    this.#hasColors = false
  }

  /** Colours a text where the stream shows colours and `output.color` allows them. */
  paint(
    style: 'red' | 'yellow' | 'dim' | 'bold',
    text: string,
    stream: OutputStream = this.io.stderr,
  ): string {
    // The stream is checked here: `styleText` would look at the environment of this process.
    const isColored = this.#color && hasColor(stream, this.io.env)
    return isColored ? styleText(style, text, {validateStream: false}) : text
  }

  /** Once this aborts, no reader is waited for. */
  hurryAt(signal: AbortSignal): void {
    this.#hurry = signal
  }

  flush(): void {
    const text = this.#pending
    this.#pending = ''
    if (text !== '' && this.io.stdout.writable) this.io.stdout.write(text)
  }
}

/** Whether a stream is a terminal with colours, and the environment does not say otherwise. */
export function hasColor(stream: OutputStream, env: Env): boolean {
  if (env.NO_COLOR) return false
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== '0'
  return stream.isTTY === true && env.TERM !== 'dumb'
}

function jsonText(value: object): string {
  try {
    return JSON.stringify(value, undefined, 2)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new Failure('limit', 'The results are too long for one JSON document.', [
      'With --output-dir each is written to a file; without --json all are printed.',
    ])
  }
}

/** A backend may put into an event what is no JSON, such as a circle: then the plain fields are left. */
function jsonOf(value: object): string {
  try {
    return JSON.stringify(value)
  } catch {
    const plain = Object.entries(value).filter(([, field]) => ['string', 'number'].includes(typeof field))
    return JSON.stringify(Object.fromEntries(plain))
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

const RESET = '\u001B[0m'
const LARGEST_WRITE = 64 * 1024
