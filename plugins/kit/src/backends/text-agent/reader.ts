import {stripVTControlCharacters} from 'node:util'
import type {AgentExit, BackendEvent, Reader, TextCommand, Turn, Verdict} from 'clinvk-contract'

/** Takes each line for a part of the answer, without its colours, and the exit code for how it went. */
export class TextReader implements Reader {
  readonly #turn: Turn
  readonly #title: string
  readonly #command: TextCommand
  #hasAnswered = false
  /** The last lines of standard output, for an agent that tells its errors there. */
  readonly #last: string[] = []

  constructor(turn: Turn, title: string, command: TextCommand) {
    this.#turn = turn
    this.#title = title
    this.#command = command
  }

  line(line: string): readonly BackendEvent[] {
    const text = stripVTControlCharacters(line)
    this.#last.push(text)
    if (this.#last.length > LINES_OF_ERROR) this.#last.shift()
    if (this.#hasAnswered) return [{type: 'text', text: `\n${text}`}]
    this.#hasAnswered = true
    const answer: BackendEvent = {type: 'text', text}
    const {session} = this.#turn
    // The agent tells no id. What speaks has started, and so has begun the conversation that it was given.
    return this.#command.session === undefined || session.kind === 'ephemeral'
      ? [answer]
      : [{type: 'session', backend_session_id: session.id}, answer]
  }

  end({code, signal, stderr}: AgentExit): Verdict {
    if (code === 0 && this.#hasAnswered) return {outcome: 'success'}
    const said = stripVTControlCharacters(stderr).trim().split('\n').slice(-LINES_OF_ERROR).join('\n')
    const how = signal === undefined ? `with exit code ${code}` : `by ${signal}`
    const message =
      code === 0
        ? `${this.#title} ended without an answer. ${said}`.trim()
        : `${this.#title} ended ${how}${said === '' ? '.' : `: ${said}`}`
    return {outcome: this.#outcome(code, stderr), message}
  }

  #outcome(code: number | undefined, stderr: string) {
    const printed = [stderr, ...this.#last].join('\n')
    const fits = this.#command.failures?.find(
      ({exit, pattern}) =>
        (exit === undefined || exit === code) &&
        (pattern === undefined || new RegExp(pattern, 'im').test(printed)),
    )
    return fits?.outcome ?? ('failed' as const)
  }
}

const LINES_OF_ERROR = 20
