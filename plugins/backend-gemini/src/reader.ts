import type {AgentExit, BackendEvent, Denial, Reader, Turn, Verdict} from 'clinvk-contract'
import {denial, toolTarget} from './denial.js'
import {readErrorLine} from './errors.js'
import {type Message, readMessage} from './messages.js'
import {isUnresumable, UNRESUMABLE} from './unresumable-state.js'
import {usageOf} from './usage.js'
import {verdict} from './verdict.js'

/** Reads the stream of Gemini CLI 0.61 (`messages.ts`). */
export function reader(turn: Turn): Reader {
  return new GeminiReader(turn)
}

class GeminiReader implements Reader {
  readonly #turn: Turn
  readonly #answer = new Answer()
  readonly #calls = new Map<string, Message>()
  readonly #denials: Denial[] = []
  readonly #errors: string[] = []
  #model: string | undefined
  #result: Message | undefined

  constructor(turn: Turn) {
    this.#turn = turn
  }

  line(line: string): readonly BackendEvent[] {
    if (line.trim() === '') return []
    const message = readMessage(line)
    return (message && this.#message(message)) ?? [{type: 'unparsed', line}]
  }

  errorLine(line: string): readonly BackendEvent[] {
    return readErrorLine(line)
  }

  end(exit: AgentExit): Verdict {
    return verdict(this.#result, exit, {
      content: this.#answer.text,
      denials: this.#denials,
      errors: this.#errors,
      model: this.#model,
    })
  }

  /** Undefined for what this version of the backend does not know. */
  #message(message: Message): BackendEvent[] | undefined {
    switch (message.type) {
      case 'init':
        return this.#init(message)
      case 'message':
        // The other role is the user, whose prompt is repeated.
        return message.role === 'assistant' ? this.#answer.piece(message.content ?? '') : []
      case 'tool_use':
        return this.#toolUse(message)
      case 'tool_result':
        return this.#toolResult(message)
      case 'error':
        return this.#error(message)
      case 'result':
        return this.#end(message)
      default:
        return undefined
    }
  }

  #init({model, session_id: id}: Message): BackendEvent[] | undefined {
    if (id === undefined) return undefined
    // Which model a short name became is told at the end.
    if (model !== undefined && !SHORT_NAME.test(model)) this.#model = model
    return [{type: 'session', backend_session_id: id, model: this.#model}]
  }

  #toolUse(message: Message): BackendEvent[] {
    const {parameters: input, tool_id: id = '', tool_name: name = 'unknown'} = message
    this.#calls.set(id, message)
    this.#answer.nextBlock()
    return [{type: 'tool_call', id, name, input, target: toolTarget(input)}]
  }

  #toolResult(message: Message): BackendEvent[] {
    const {error, output, status, tool_id: id = ''} = message
    const call = this.#calls.get(id)
    const denied = call && denial(call, message, this.#turn)
    if (denied) this.#denials.push(denied)
    return [{type: 'tool_result', id, output: output ?? error?.message ?? '', is_error: status === 'error'}]
  }

  #end(message: Message): BackendEvent[] {
    this.#result = message
    const {session} = this.#turn
    const wasUnresumable = session.kind === 'resume' && isUnresumable(session.state)
    const isFirst = session.kind === 'new' || wasUnresumable
    const isTakenBack = this.#calls.size === 0 && (message.status !== 'success' || this.#errors.length > 0)
    const usage = usageOf(message.stats)
    return [
      ...(usage === undefined ? [] : [{type: 'usage' as const, usage}]),
      ...(isFirst && isTakenBack ? [{type: 'state' as const, state: UNRESUMABLE}] : []),
      ...(wasUnresumable && !isTakenBack ? [{type: 'state' as const, state: null}] : []),
      {type: 'finished'},
    ]
  }

  #error({message = 'gemini reported an error', severity}: Message): BackendEvent[] {
    if (severity === 'warning' && !message.startsWith(LOOP)) return [{type: 'notice', message}]
    this.#errors.push(message)
    return [{type: 'error', message}]
  }
}

/** Told as a warning; but the answer is broken off, and gemini takes back the prompt. */
const LOOP = 'Loop detected'
const SHORT_NAME = /^(?:auto|auto-.*|pro|flash|flash-lite)$/

/** The text of a turn. What is said before and after a tool is parted by an empty line. */
class Answer {
  #text = ''
  #isNewBlock = false

  get text(): string {
    return this.#text
  }

  nextBlock(): void {
    this.#isNewBlock = true
  }

  piece(piece: string): BackendEvent[] {
    if (piece === '') return []
    const text = this.#isNewBlock && this.#text !== '' ? `\n\n${piece}` : piece
    this.#isNewBlock = false
    this.#text += text
    return [{type: 'text', text}]
  }
}
