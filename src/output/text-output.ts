import type {TurnEvent} from 'clinvk-contract'
import {formatDuration} from 'clinvk-kit/format/duration'
import {formatNumber} from 'clinvk-kit/format/number'
import {oneLine} from 'clinvk-kit/format/one-line'
import type {TurnOutput} from 'clinvk-kit/turn/context'
import type {TurnResult} from 'clinvk-kit/turn/result'
import {denialNotice} from './denial-notice.js'
import {errorText} from './error-text.js'
import {eventNotice} from './event-notice.js'
import {LiveLine} from './live-line.js'
import {paint} from './paint.js'
import {print, say} from './standard-streams.js'

export interface TextOptions {
  readonly showTokens: boolean
  readonly showTiming: boolean
  /** Print the agent's own lines instead of the answer. */
  readonly raw: boolean
  /** Keep the answer for the result, too. */
  readonly needsContent?: boolean
  /** Print no answer. */
  readonly silent?: boolean
}

/** For people: the answer on stdout as it comes, everything else on stderr. */
export class TextOutput implements TurnOutput {
  readonly needsContent: boolean
  readonly raw?: (line: string) => void | Promise<void>
  readonly #options: TextOptions
  #live: LiveLine | undefined
  #endsWithNewline = true
  #title = ''

  constructor(options: TextOptions) {
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
      default: {
        const notice = eventNotice(event, this.#title)
        return notice === undefined ? undefined : this.notice(notice)
      }
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
    if (text === '' || this.#options.silent) return
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
