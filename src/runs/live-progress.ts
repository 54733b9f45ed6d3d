import type {TurnEvent} from 'clinvk-contract'
import type {createLogUpdate} from 'log-update'
import {cutToWidth, displayWidth, padToWidth, widthOf} from 'clinvk-kit/format/table'
import {formatNumber, oneLine} from 'clinvk-kit/format/text'
import {formatDuration} from 'clinvk-kit/format/time'
import {outcomeWord, type TaskResult} from 'clinvk-kit/runs/result'
import type {Task} from 'clinvk-kit/runs/task'
import {FRAME_MS, spinner} from '../output/live-line.js'
import type {Printer} from '../output/printer.js'

/** A line for each task at the foot of the terminal: backend, state, time, tokens, and the last words. */
export class LiveProgress {
  readonly #rows = new Map<Task, Row>()
  #timer: NodeJS.Timeout | undefined
  #frame = 0

  constructor(
    readonly printer: Printer,
    /** Made for standard error. */
    readonly draw: ReturnType<typeof createLogUpdate>,
  ) {}

  begin(tasks: readonly Task[]): void {
    for (const task of tasks) this.#rows.set(task, {state: 'waiting', backend: '', words: ''})
    this.#timer = setInterval(() => this.#show(), FRAME_MS).unref()
    this.#show()
  }

  started(task: Task, backend: string): void {
    Object.assign(this.#rows.get(task)!, {state: 'running', backend, since: Date.now()})
  }

  event(task: Task, event: TurnEvent): void {
    const row = this.#rows.get(task)!
    if (event.type === 'text') row.words = lastLine(row.words + event.text)
    else if (event.type === 'tool_call') row.words = `${event.name} ${event.target ?? ''}\n`
    else if (event.type === 'usage') row.tokens = event.usage.total_tokens
  }

  finished(done: TaskResult): void {
    const {backend, result, task} = done
    const {duration_seconds: seconds, error, usage} = result
    const state = outcomeWord(done)
    const row = this.#rows.get(task)!
    Object.assign(row, {backend, state, ms: seconds * 1000, tokens: usage?.total_tokens ?? row.tokens})
    if (error) row.words = error.message
  }

  clear(): void {
    this.draw.clear()
  }

  end(): void {
    if (!this.#timer) return
    clearInterval(this.#timer)
    this.#timer = undefined
    this.draw.clear()
    this.draw.done()
  }

  #show(): void {
    this.#frame++
    const {stderr} = this.printer.io
    const columns = widthOf(stderr)
    const shown = choose([...this.#rows], Math.max(1, (stderr.rows || 24) - RESERVED_LINES))
    const widest = Math.max(...shown.map(([{label}]) => displayWidth(oneLine(label))))
    const lines = shown.map(([task, row]) => this.#line(task, row, Math.min(MAX_LABEL, widest), columns))
    const all = [...this.#rows.values()]
    const failed = all.filter(({state}) => !(state in SIGNS)).length
    const done = all.filter(({state}) => state !== 'waiting' && state !== 'running').length
    const counts = `${done} of ${all.length} done${failed > 0 ? `, ${failed} failed` : ''}`
    this.draw([...lines, counts].map((line) => cutToWidth(line, columns - 1)).join('\n'))
  }

  #line({label}: Task, row: Row, width: number, columns: number): string {
    const {backend, since, state, tokens} = row
    const ms = row.ms ?? (since === undefined ? undefined : Date.now() - since)
    const sign = SIGNS[state] ?? '✗'
    const known = [
      `${sign === '' ? spinner(this.#frame) : sign} ${padToWidth(cutToWidth(oneLine(label), width), width)}`,
      padToWidth(backend, 8),
      padToWidth(state, 9),
      (ms === undefined ? '' : formatDuration(ms)).padStart(7),
      (tokens === undefined ? '' : formatNumber(tokens)).padStart(8),
    ].join('  ')
    const room = columns - displayWidth(known) - 3
    const line = room < MIN_WORDS ? known : `${known}  ${endOf(oneLine(row.words), room)}`
    if (state === 'running') return line
    return this.printer.paint(state in SIGNS ? 'dim' : 'red', line)
  }
}

interface Row {
  /** Waiting, running, or the outcome. */
  state: string
  backend: string
  /** Milliseconds since 1970. */
  since?: number
  /** Milliseconds, once it has ended. */
  ms?: number
  tokens?: number | undefined
  /** The last line of the answer, or what was done last. */
  words: string
}

/** As many as there is room for: those that run, then those that wait, then those that ended; in their order. */
function choose(all: [Task, Row][], room: number): [Task, Row][] {
  const rank = ({state}: Row) => (state === 'running' ? 0 : state === 'waiting' ? 1 : 2)
  return [...all]
    .sort(([a, rowA], [b, rowB]) => rank(rowA) - rank(rowB) || a.number - b.number)
    .slice(0, room)
    .sort(([a], [b]) => a.number - b.number)
}

function lastLine(text: string): string {
  return text.slice(text.trimEnd().lastIndexOf('\n') + 1).slice(-KEPT_CHARACTERS)
}

/** The end of a text, in at most so many columns of a terminal. */
function endOf(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text
  let end = text.slice(-columns + 1)
  while (displayWidth(end) >= columns && end !== '') end = end.slice(1)
  return `…${end}`
}

/** By state; a running task has the spinner, and whatever is not here has failed. */
const SIGNS: Readonly<Record<string, string>> = {waiting: '·', running: '', success: '✓', cancelled: '–'}
/** Lines of the terminal for the counts and the cursor. */
const RESERVED_LINES = 3
const MAX_LABEL = 24
/** Fewer columns of the last words say nothing. */
const MIN_WORDS = 9
/** More than a terminal shows. */
const KEPT_CHARACTERS = 400
