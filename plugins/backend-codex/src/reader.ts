import type {AgentExit, BackendEvent, Denial, Reader, Turn, Usage, Verdict} from 'clinvk-contract'
import {deniedOnStderr} from './denial.js'
import {type Item, type Message, readMessage} from './messages.js'
import {sandboxLeftovers} from './sandbox-leftovers.js'
import {toolCall, toolOf, toolResult} from './tools.js'
import {difference, sum, totalInState, usageOf} from './usage.js'
import {failure, retry, withoutEnd} from './verdict.js'

/** Reads the events of `codex exec --json` (`messages.ts`). */
export function reader(turn: Turn): Reader {
  return new CodexReader(turn)
}

class CodexReader implements Reader {
  readonly #turn: Turn
  readonly #started = new Set<string>()
  /** Commands that have not ended; codex ends them with itself. */
  readonly #running = new Set<string>()
  readonly #denials: Denial[] = []
  #said = false
  #retries = 0
  #usage: Usage | undefined
  #end: Message | undefined

  constructor(turn: Turn) {
    this.#turn = turn
  }

  line(line: string): readonly BackendEvent[] {
    if (line.trim() === '') return []
    const message = readMessage(line)
    return (message && this.#message(message)) ?? [{type: 'unparsed', line}]
  }

  /** Codex tells here what it has not allowed, and on standard output nothing of it. */
  errorLine(line: string): readonly BackendEvent[] {
    const denial = deniedOnStderr(line, this.#turn)
    if (denial) this.#denials.push(denial)
    return []
  }

  end(exit: AgentExit): Verdict {
    const details = {
      usage: this.#usage,
      denials: this.#denials.length === 0 ? undefined : this.#denials,
      leftovers: this.#running.size === 0 ? undefined : sandboxLeftovers(this.#turn),
    }
    if (this.#end?.type === 'turn.completed') return {...details, outcome: 'success'}
    const failed = this.#end ? failure(this.#end.error?.message ?? 'codex failed.') : withoutEnd(exit)
    return {...details, ...failed}
  }

  /** Undefined for what this version of the backend does not know. */
  #message(message: Message): BackendEvent[] | undefined {
    switch (message.type) {
      case 'thread.started':
        return message.thread_id === undefined
          ? undefined
          : [{type: 'session', backend_session_id: message.thread_id}]
      case 'turn.started':
        return this.#begin()
      case 'item.started':
      case 'item.updated':
      case 'item.completed':
        return message.item && this.#item(message.item, message.type === 'item.completed')
      case 'error':
        return this.#error(message.message ?? '')
      case 'turn.completed':
        this.#end = message
        return this.#complete(message)
      case 'turn.failed':
        this.#end = message
        return [{type: 'finished'}]
      default:
        return undefined
    }
  }

  /** From now on the total that the session keeps is old; a turn that is interrupted tells no new one. */
  #begin(): BackendEvent[] {
    const {session} = this.#turn
    return session.kind === 'resume' && totalInState(session.state) ? [{type: 'state', state: {}}] : []
  }

  #complete({usage: total}: Message): BackendEvent[] {
    if (!total) return [{type: 'finished'}]
    const {session} = this.#turn
    const base = session.kind === 'resume' ? totalInState(session.state) : {}
    const own = base && difference(total, base)
    if (own) this.#usage = usageOf(own)
    return [
      ...(this.#usage === undefined ? [] : [{type: 'usage', usage: this.#usage} as const]),
      {type: 'state', state: {total: {...sum([total])}}},
      {type: 'finished'},
    ]
  }

  #item(item: Item, isCompleted: boolean): BackendEvent[] | undefined {
    switch (item.type) {
      case 'agent_message':
        return isCompleted ? this.#text(item.text ?? '') : []
      case 'reasoning':
        return isCompleted ? [{type: 'reasoning', text: item.text ?? ''}] : []
      case 'error':
        return isCompleted ? [{type: 'notice', message: item.message ?? ''}] : []
      default: {
        const tool = toolOf(item)
        if (!tool) return undefined
        const isNew = !this.#started.has(item.id ?? '')
        this.#started.add(item.id ?? '')
        if (item.type === 'command_execution') this.#running[isCompleted ? 'delete' : 'add'](item.id ?? '')
        return [...(isNew ? [toolCall(item, tool)] : []), ...(isCompleted ? [toolResult(item, tool)] : [])]
      }
    }
  }

  /** Codex tells each message whole, when it is complete; an empty line parts them. */
  #text(text: string): BackendEvent[] {
    if (text === '') return []
    const gap = this.#said ? '\n\n' : ''
    this.#said = true
    return [{type: 'text', text: gap + text}]
  }

  /** The last word of a turn that failed is told twice, first as an error; `turn.failed` speaks for it. */
  #error(message: string): BackendEvent[] {
    const again = retry(message, this.#retries + 1)
    if (!again) return []
    this.#retries++
    return [again]
  }
}
