import {relative} from 'node:path'
import type {TurnEvent} from 'clinvk-contract'
import {formatDuration} from 'clinvk-kit/format/time'
import {counted, formatNumber, oneLine} from 'clinvk-kit/format/text'
import type {TurnOutput} from 'clinvk-kit/turn/context'
import type {TurnResult} from 'clinvk-kit/turn/result'
import {LiveLine} from './live-line.js'
import {denialNotice, eventNotice} from './notices.js'
import type {Printer} from './printer.js'

export interface TextOptions {
  readonly showTokens: boolean
  readonly showTiming: boolean
  /** Sum the turn up in a line below the answer, on a terminal. */
  readonly showSummary?: boolean
  /** Print the agent's own lines instead of the answer. */
  readonly raw?: boolean
  /** Keep the answer for the result, too. */
  readonly needsContent?: boolean
  readonly silent?: boolean
  readonly heading?: (backend: string) => string
}

/** For people: the answer on stdout as it comes, everything else on stderr. */
export class TextOutput implements TurnOutput {
  readonly needsContent: boolean
  readonly raw?: (line: string) => void | Promise<void>
  readonly #options: TextOptions
  readonly #printer: Printer
  #live: LiveLine | undefined
  #endsWithNewline = true
  #title = ''
  #tools = 0
  /** What tools that edit files have named, by the id of the call. */
  readonly #edited = new Map<string, string>()

  constructor(printer: Printer, options: TextOptions) {
    this.#printer = printer
    this.#options = options
    this.needsContent = options.needsContent ?? false
    if (!options.raw) return
    // Apart: to put a newline behind 10 MB is to copy them.
    this.raw = (line) => {
      void this.#print(line)
      return this.#print('\n')
    }
  }

  start({backend}: {backend: string}): void {
    this.#title = backend
    const {heading} = this.#options
    if (heading) void this.#printer.print(heading(backend))
    this.#live?.end()
    if (this.#printer.canRedraw) this.#live = new LiveLine(this.#printer, backend)
  }

  waiting(until: number | undefined): void {
    this.#live?.waiting(until)
  }

  event(event: TurnEvent): void | Promise<void> {
    switch (event.type) {
      case 'text':
        this.#live?.doing('')
        return this.#print(event.text)
      case 'tool_call':
        this.#tools++
        if (event.target !== undefined && EDITS.test(event.name)) this.#edited.set(event.id, event.target)
        return this.#live?.doing(event.target === undefined ? event.name : `${event.name}: ${event.target}`)
      case 'tool_result':
        if (event.is_error) this.#edited.delete(event.id)
        return this.#live?.doing('')
      default: {
        const notice = eventNotice(event, this.#title)
        return notice === undefined ? undefined : this.notice(notice)
      }
    }
  }

  notice(message: string): void {
    this.#live?.hide()
    this.#endLine()
    this.#printer.note(oneLine(message))
  }

  async done(result: TurnResult): Promise<void> {
    this.#live?.end()
    const printer = this.#printer
    if (!this.#endsWithNewline) await printer.print('\n')
    this.#endsWithNewline = true
    printer.endColors()
    for (const line of denialNotice(result, printer)) printer.say(`${line}\n`)
    if (result.error) printer.error(result.error)
    if (this.#options.showSummary && !result.error && printer.canRedraw)
      printer.say(printer.paint('dim', `${oneLine(this.#summary(result))}\n`))
    if (this.#options.showTokens) printer.say(printer.paint('dim', `${tokens(result)}\n`))
    if (this.#options.showTiming)
      printer.say(printer.paint('dim', `Time: ${formatDuration(result.duration_seconds * 1000)}\n`))
  }

  /** `12.5s · 6,912 tokens · 3 tools · edited auth.go, db.go` */
  #summary({duration_seconds: seconds, usage, working_dir: directory}: TurnResult): string {
    const total = usage?.total_tokens
    const targets = [...this.#edited.values()]
    const files = [
      ...new Set(
        targets.map((path) => (path.startsWith(`${directory}/`) ? relative(directory!, path) : path)),
      ),
    ]
    const more = files.length > MAX_FILES ? ` and ${files.length - MAX_FILES} more` : ''
    return [
      formatDuration(seconds * 1000),
      ...(total === undefined ? [] : [counted(total, 'token')]),
      ...(this.#tools === 0 ? [] : [counted(this.#tools, 'tool')]),
      ...(files.length === 0 ? [] : [`edited ${files.slice(0, MAX_FILES).join(', ')}${more}`]),
    ].join(' · ')
  }

  #print(text: string): void | Promise<void> {
    if (text === '' || this.#options.silent) return
    // The answer moves the cursor only where both streams show on the same terminal.
    this.#live?.hide(this.#printer.io.stdout.isTTY ? text : '')
    this.#endsWithNewline = text.endsWith('\n')
    return this.#printer.print(text)
  }

  /** On a terminal a notice must not begin in the middle of the answer's line. */
  #endLine(): void {
    const {stderr, stdout} = this.#printer.io
    if (this.#endsWithNewline || !stdout.isTTY || !stderr.isTTY) return
    stderr.write('\n')
    this.#live?.hide('\n')
  }
}

/** Names of tools that change files, of all agents: Edit, MultiEdit, Write, write_file, replace, apply_patch, file_change. */
const EDITS = /edit|write|replace|patch|file_change/i
const MAX_FILES = 5

function tokens({usage}: TurnResult): string {
  if (!usage) return 'Tokens: not reported'
  const {cached_tokens: cached, input_tokens: input, output_tokens: output, total_tokens: total} = usage
  const parts = Object.entries({input, cached, output})
    .filter(([, count]) => count !== undefined)
    .map(([name, count]) => `${name}: ${formatNumber(count)}`)
  return `Tokens: ${total === undefined ? '' : `${formatNumber(total)} `}(${parts.join(', ')})`
}
