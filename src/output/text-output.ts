import type {Denial, TurnEvent} from 'clinvk-kit/contract'
import {formatDuration} from 'clinvk-kit/format/duration'
import {formatNumber} from 'clinvk-kit/format/number'
import {oneLine} from 'clinvk-kit/format/one-line'
import {quoteCommand} from 'clinvk-kit/format/quote-command'
import type {TurnOutput} from 'clinvk-kit/turn/context'
import type {TurnResult} from 'clinvk-kit/turn/result'
import {errorText} from './error-text.js'
import {LiveLine} from './live-line.js'
import {paint} from './paint.js'
import {print, say} from './standard-streams.js'

export interface TextOptions {
  readonly showTokens: boolean
  readonly showTiming: boolean
  /** Print the agent's own lines instead of the answer. */
  readonly raw: boolean
}

/** For people: the answer on stdout as it comes, everything else on stderr. */
export class TextOutput implements TurnOutput {
  readonly needsContent = false
  readonly raw?: (line: string) => void | Promise<void>
  readonly #options: TextOptions
  #live: LiveLine | undefined
  #endsWithNewline = true
  #title = ''

  constructor(options: TextOptions) {
    this.#options = options
    if (!options.raw) return
    // Apart: to put a newline behind 10 MB is to copy them.
    this.raw = (line) => {
      void this.#print(line)
      return this.#print('\n')
    }
  }

  start({backend}: {backend: string}): void {
    this.#title = backend
    if (process.stderr.isTTY && process.env.TERM !== 'dumb')
      this.#live = new LiveLine(process.stderr, backend)
  }

  event(event: TurnEvent): void | Promise<void> {
    switch (event.type) {
      case 'text':
        this.#live?.doing('')
        return this.#print(event.text)
      case 'tool_call':
        return this.#live?.doing(event.target === undefined ? event.name : `${event.name}: ${event.target}`)
      case 'tool_result':
        return this.#live?.doing('')
      case 'retry': {
        const {attempt, delay_seconds: delay, max_attempts: most, message} = event
        const count = most === undefined ? String(attempt) : `${attempt} of ${most}`
        const when = delay === undefined ? '' : ` in ${formatDuration(delay * 1000)}`
        return this.notice(`${this.#title} tries again${when} (${count}): ${message}`)
      }

      case 'rate_limit':
        return this.notice(
          event.resets_at === undefined ? event.message : `${event.message} It ends at ${event.resets_at}.`,
        )
      case 'notice':
        return this.notice(event.message)
      case 'error':
        return this.notice(`${this.#title} reports: ${event.message}`)
      default:
        return undefined
    }
  }

  notice(message: string): void {
    this.#live?.hide()
    this.#endLine(process.stderr)
    say(`${paint(process.stderr, 'yellow', 'Note:')} ${oneLine(message)}\n`)
  }

  async done(result: TurnResult): Promise<void> {
    this.#live?.end()
    if (!this.#endsWithNewline) await print('\n')
    this.#endsWithNewline = true
    const {stderr} = process
    for (const line of denialNotice(result)) say(line)
    if (result.error) say(errorText(result.error))
    if (this.#options.showTokens) say(paint(stderr, 'dim', `${tokens(result)}\n`))
    if (this.#options.showTiming)
      say(paint(stderr, 'dim', `Time: ${formatDuration(result.duration_seconds * 1000)}\n`))
  }

  #print(text: string): void | Promise<void> {
    if (text === '') return
    // The answer moves the cursor only where both streams show on the same terminal.
    this.#live?.hide(process.stdout.isTTY ? text : '')
    this.#endsWithNewline = text.endsWith('\n')
    return print(text)
  }

  /** On a terminal a notice must not begin in the middle of the answer's line. */
  #endLine(stream: NodeJS.WriteStream): void {
    if (this.#endsWithNewline || !process.stdout.isTTY || !stream.isTTY) return
    stream.write('\n')
    this.#live?.hide('\n')
  }
}

/** What the agent was not allowed to do, and the command that goes on with the right to do it. */
function denialNotice({backend, denials, session_id: session}: TurnResult): string[] {
  if (denials.length === 0) return []
  const lines = denials.map(
    ({target, tool}) => `  ${oneLine(target === undefined ? tool : `${tool} ${target}`)}\n`,
  )
  const flags = allowing(denials)
  return [
    paint(process.stderr, 'yellow', `${backend ?? 'The agent'} was not allowed to use:`) + '\n',
    ...new Set(lines),
    ...(session === undefined || flags.length === 0
      ? []
      : [
          `Go on with more rights: ${quoteCommand(['clinvk', 'resume', session.slice(0, 8), ...flags, 'continue'])}\n`,
        ]),
  ]
}

/** The flags that would have allowed everything that was denied, each once. */
function allowing(denials: readonly Denial[]): string[] {
  const pairs = new Set<string>()
  for (const {allow = []} of denials) {
    for (let index = 0; index < allow.length; index += 2)
      pairs.add(JSON.stringify(allow.slice(index, index + 2)))
  }

  return [...pairs].flatMap((pair) => JSON.parse(pair) as string[])
}

function tokens({usage}: TurnResult): string {
  if (!usage) return 'Tokens: not reported'
  const {cached_tokens: cached, input_tokens: input, output_tokens: output, total_tokens: total} = usage
  const parts = (
    [
      ['input', input],
      ['cached', cached],
      ['output', output],
    ] as const
  ).flatMap(([name, count]) => (count === undefined ? [] : [`${name}: ${formatNumber(count)}`]))
  return `Tokens: ${total === undefined ? '' : `${formatNumber(total)} `}(${parts.join(', ')})`
}
