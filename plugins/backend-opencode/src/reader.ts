import type {AgentExit, BackendEvent, Denial, Reader, Turn, Verdict} from 'clinvk-contract'
import {Answer} from './answer.js'
import {denial, toolTarget} from './denial.js'
import {type ErrorOfOpencode, isFromPlugin, type Line, type Message, type Part, readLine} from './lines.js'
import {Counter} from './usage.js'
import {outcomeOf} from './verdict.js'

/** Reads what our plugin prints; where it is missing, what opencode 1.18 prints itself. */
export function reader(turn: Turn): Reader {
  return new OpencodeReader(turn)
}

class OpencodeReader implements Reader {
  readonly #turn: Turn
  readonly #answer = new Answer()
  readonly #counter = new Counter()
  readonly #denials: Denial[] = []
  /** Parts that are complete, of the answer and of the reasoning. */
  readonly #finished = new Set<string>()
  readonly #reasoning = new Map<string, string>()
  readonly #calls = new Set<string>()
  /** Of each message, the model that has written it. */
  readonly #models = new Map<string, string>()
  readonly #summaries = new Set<string>()
  #id: string | undefined
  #model: string | undefined
  #hasPlugin = false
  #error: ErrorOfOpencode | undefined
  #reason: string | undefined
  #retry: string | undefined
  #disconnected: string | undefined
  #steps = 0

  constructor(turn: Turn) {
    this.#turn = turn
  }

  line(line: string): readonly BackendEvent[] {
    if (line.trim() === '') return []
    const message = readLine(line)
    const events = message && (isFromPlugin(message) ? this.#fromPlugin(message) : this.#own(message))
    return events ?? [{type: 'unparsed', line}]
  }

  end(exit: AgentExit): Verdict {
    const end = {
      steps: this.#steps,
      error: this.#error,
      reason: this.#reason,
      retry: this.#retry,
      disconnected: this.#disconnected,
    }
    return {
      content: this.#answer.corrected,
      model: this.#model,
      usage: this.#counter.usage,
      denials: this.#denials.length === 0 ? undefined : this.#denials,
      ...outcomeOf(end, exit, this.#turn),
    }
  }

  /** Undefined for what this version of the backend does not know. */
  #fromPlugin(line: Line): BackendEvent[] | undefined {
    this.#hasPlugin = true
    switch (line.type) {
      case 'clinvk.session':
        return line.parentID === undefined ? this.#session(line.sessionID) : []
      case 'clinvk.message':
        this.#models.set(line.messageID, line.model)
        if (line.isSummary) this.#summaries.add(line.messageID)
        else if (this.#isOurs(line)) this.#model = line.model
        return []
      case 'clinvk.delta':
        return this.#delta(line)
      case 'clinvk.part':
        return this.#part(line.part, this.#isOurs(line))
      case 'clinvk.retry': {
        const {attempt, delayMs, message} = line
        if (this.#isOurs(line)) {
          this.#answer.breakOff((id) => this.#finished.has(id))
          this.#retry = message
        }

        return [{type: 'retry', attempt, delay_seconds: Math.round(delayMs / 1000), message}]
      }
      case 'clinvk.error':
        return this.#isOurs(line) ? this.#fail(line.error as ErrorOfOpencode) : []
      case 'clinvk.asked':
        if (this.#turn.sandbox !== 'full')
          this.#denials.push({tool: line.permission, target: line.patterns[0]})
        return []
      case 'clinvk.disconnected':
        this.#disconnected = line.provider
        return []
      case 'clinvk.idle':
        return this.#isOurs(line) ? [{type: 'finished'}] : []
      default:
        return undefined
    }
  }

  #own({error, part, sessionID, type = ''}: Message): BackendEvent[] | undefined {
    if (!OWN.has(type)) return undefined
    const session = sessionID === undefined ? [] : this.#session(sessionID)
    if (error) return [...session, ...this.#fail(error)]
    return part && !this.#hasPlugin ? [...session, ...this.#part(part, true)] : session
  }

  #isOurs({sessionID}: {readonly sessionID: string}): boolean {
    return sessionID === this.#id
  }

  /** The first session is the turn's; further ones are those of sub-agents. */
  #session(id: string): BackendEvent[] {
    if (this.#id !== undefined) return []
    this.#id = id
    return [{type: 'session', backend_session_id: id}]
  }

  #delta({delta, kind, partID}: Extract<Line, {type: 'clinvk.delta'}>): BackendEvent[] {
    this.#retry = undefined
    if (kind === 'text') return this.#answer.piece(partID, delta)
    this.#reasoning.set(partID, (this.#reasoning.get(partID) ?? '') + delta)
    return [{type: 'reasoning', text: delta}]
  }

  #part(part: Part, isOurs: boolean): BackendEvent[] {
    const {id, messageID, text = '', type} = part
    if (type === 'step-finish') return this.#step(part, isOurs)
    if (!isOurs) return []
    switch (type) {
      case 'text':
        this.#finished.add(id)
        return this.#summaries.has(messageID) ? [] : this.#answer.whole(id, text)
      case 'reasoning': {
        const told = this.#reasoning.get(id) ?? ''
        this.#finished.add(id)
        const rest = text.startsWith(told) ? text.slice(told.length) : ''
        return rest === '' ? [] : [{type: 'reasoning', text: rest}]
      }
      case 'tool':
        return this.#tool(part)
      default:
        return []
    }
  }

  #tool(part: Part): BackendEvent[] {
    const {callID: id = '', state = {}, tool: name = 'unknown'} = part
    const {error, input = {}, output = '', status} = state
    const events: BackendEvent[] = []
    if (!this.#calls.has(id)) {
      this.#calls.add(id)
      events.push({type: 'tool_call', id, name, input, target: toolTarget(input)})
    }

    if (status !== 'completed' && status !== 'error') return events
    const denied = denial(part, this.#turn)
    if (denied) this.#denials.push(denied)
    events.push({type: 'tool_result', id, output: error ?? output, is_error: status === 'error'})
    return events
  }

  /** The end of a model call. */
  #step({messageID, reason, tokens = {}}: Part, isOurs: boolean): BackendEvent[] {
    if (isOurs) {
      this.#steps++
      this.#reason = reason
      this.#retry = undefined
    }

    if (!this.#counter.add(this.#models.get(messageID), tokens)) return []
    return [{type: 'usage', usage: this.#counter.usage!}]
  }

  #fail(error: ErrorOfOpencode): BackendEvent[] {
    // The first is the cause; what opencode itself prints of it may be "check the logs".
    if (this.#error) return []
    this.#error = error
    return []
  }
}

const OWN = new Set(['step_start', 'text', 'reasoning', 'tool_use', 'step_finish', 'error'])
