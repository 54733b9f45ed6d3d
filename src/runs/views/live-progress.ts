import type {TurnEvent} from 'clinvk-contract'
import {formatDuration} from 'clinvk-kit/format/time'
import {formatNumber, oneLine} from 'clinvk-kit/format/text'
import {cutToWidth, displayWidth, padToWidth} from 'clinvk-kit/format/table'
import {denialNotice} from '../../output/denial-notice.js'
import {eventNotice} from '../../output/event-notice.js'
import type {Printer} from '../../output/printer.js'
import type {Task} from '../task.js'
import type {TaskResult} from '../task-result.js'
import type {Progress} from './progress.js'

/** What is drawn with: `log-update`, made for standard error. */
export interface Drawing {
  (text: string): void
  /** Takes what was drawn away. */
  clear(): void
  /** Shows the cursor again. */
  done(): void
}

/** A line for each task at the foot of the terminal: backend, state, time, tokens, and what was said last. */
export class LiveProgress implements Progress {
  readonly #printer: Printer
  readonly #draw: Drawing
  readonly #rows = new Map<Task, Row>()
  #timer: NodeJS.Timeout | undefined
  #frame = 0

  constructor(printer: Printer, draw: Drawing) {
    this.#printer = printer
    this.#draw = draw
  }

  begin(tasks: readonly Task[]): void {
    for (const task of tasks) this.#rows.set(task, {state: 'waiting', backend: '', words: ''})
    this.#timer = setInterval(() => this.#show(), FRAME_MS).unref()
    this.#show()
  }

  started(task: Task, backend: string): void {
    Object.assign(this.#row(task), {state: 'running', backend, since: Date.now()})
  }

  event(task: Task, event: TurnEvent): void {
    const row = this.#row(task)
    if (event.type === 'text') row.words = lastWords(row.words, event.text)
    else if (event.type === 'tool_call') row.words = `${event.name} ${event.target ?? ''}\n`
    else if (event.type === 'usage') row.tokens = event.usage.total_tokens
    const notice = eventNotice(event, 'The agent')
    if (notice !== undefined) this.notice(notice, task)
  }

  notice(message: string, task?: Task): void {
    const who = task === undefined ? '' : `[${task.label}] `
    this.#draw.clear()
    this.#printer.note(`${who}${oneLine(message)}`)
  }

  finished({backend, result, task}: TaskResult): void {
    const {duration_seconds: seconds, error, outcome, usage} = result
    const row = this.#row(task)
    row.backend = backend
    row.state = outcome
    row.ms = seconds * 1000
    row.tokens = usage?.total_tokens ?? row.tokens
    if (error) row.words = `${error.message}\n`
    const denied = denialNotice(result, this.#printer)
    if (denied.length === 0) return
    this.#draw.clear()
    this.#printer.say(denied.map((line) => `[${task.label}] ${line}`).join(''))
  }

  hide(): void {
    this.#draw.clear()
  }

  end(): void {
    if (!this.#timer) return
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#draw.clear()
    this.#draw.done()
  }

  #row(task: Task): Row {
    return this.#rows.get(task)!
  }

  #show(): void {
    this.#frame++
    const {columns = 80, rows: height = 24} = this.#printer.io.stderr
    const shown = choose([...this.#rows], Math.max(1, height - ROOM))
    const labels = Math.min(
      MOST_OF_A_NAME,
      Math.max(...shown.map(([{label}]) => displayWidth(oneLine(label)))),
    )
    const lines = shown.map(([task, row]) => this.#line(task, row, {labels, columns}))
    this.#draw([...lines, this.#counts()].map((line) => cutToWidth(line, columns - 1)).join('\n'))
  }

  #line({label}: Task, row: Row, {columns, labels}: {labels: number; columns: number}): string {
    const spinner = FRAMES[this.#frame % FRAMES.length]!
    const sign = row.state === 'running' ? spinner : (SIGNS[row.state] ?? '✗')
    const ms = row.ms ?? (row.since === undefined ? undefined : Date.now() - row.since)
    const parts = [
      `${sign} ${padToWidth(cutToWidth(oneLine(label), labels), labels)}`,
      padToWidth(row.backend, 8),
      padToWidth(row.state, 9),
      (ms === undefined ? '' : formatDuration(ms)).padStart(7),
      (row.tokens === undefined ? '' : formatNumber(row.tokens)).padStart(8),
    ]
    const known = parts.join('  ')
    const room = columns - displayWidth(known) - 3
    const line = room > FEWEST ? `${known}  ${endOf(oneLine(row.words), room)}` : known
    if (row.state === 'running') return line
    const isGood = row.state === 'waiting' || row.state === 'success' || row.state === 'cancelled'
    return this.#printer.paint(isGood ? 'dim' : 'red', line)
  }

  #counts(): string {
    const states = [...this.#rows.values()].map(({state}) => state)
    const of = (isCounted: (state: string) => boolean) => states.filter(isCounted).length
    const done = of((state) => state !== 'waiting' && state !== 'running')
    const failed = of((state) => !['waiting', 'running', 'success', 'cancelled'].includes(state))
    return `${done} of ${states.length} done${failed > 0 ? `, ${failed} failed` : ''}`
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
  words: string
}

/** As many as there is room for: those that run, then those that wait, then those that ended last; in their order. */
function choose(all: [Task, Row][], room: number): [Task, Row][] {
  if (all.length <= room) return all
  const rank = ({state}: Row) => (state === 'running' ? 0 : state === 'waiting' ? 1 : 2)
  return [...all]
    .sort(([a, rowA], [b, rowB]) => rank(rowA) - rank(rowB) || a.number - b.number)
    .slice(0, room)
    .sort(([a], [b]) => a.number - b.number)
}

/** The line that a text ends in, of what was there and what came. A new line begins with its first word. */
function lastWords(before: string, text: string): string {
  const all = before + text
  const end = all.trimEnd()
  return all.slice(end.lastIndexOf('\n') + 1).slice(-LONGEST)
}

/** The end of a text, in at most so many columns of a terminal. */
function endOf(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text
  let end = text.slice(-columns + 1)
  while (displayWidth(end) >= columns && end !== '') end = end.slice(1)
  return `…${end}`
}

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
const SIGNS: Readonly<Record<string, string>> = {waiting: '·', success: '✓', cancelled: '–'}
const FRAME_MS = 120
/** Lines of the terminal that are left to others: the counts, and the cursor's own. */
const ROOM = 3
const MOST_OF_A_NAME = 24
/** Fewer columns of the last words say nothing. */
const FEWEST = 8
/** Characters of the last line that are kept; a terminal shows no more. */
const LONGEST = 400
