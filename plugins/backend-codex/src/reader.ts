import {failed, JsonReader, lastWords, readError, usageOfCalls} from 'clinvk-backend-sdk'
import type {AgentExit, BackendEvent, Json, RetryEvent, Usage, Verdict} from 'clinvk-contract'
import {deniedOnStderr} from './denial.js'
import {callOf, difference, type Item, MESSAGE, type Message, sum, type TokenCounts} from './messages.js'
import {sandboxLeftovers} from './plan.js'
import {isFailed, toolOf} from './tools.js'

/** Reads the events of `codex exec --json` (`messages.ts`). */
export class CodexReader extends JsonReader<typeof MESSAGE> {
  protected override readonly shape = MESSAGE
  readonly #started = new Set<string>()
  /** Commands that have not ended; codex ends them with itself. */
  readonly #running = new Set<string>()
  #retries = 0
  /** The last words of attempts that failed, of an error, of a warning. */
  #retry = ''
  #error: string | undefined
  #notice = ''
  #usage: Usage | undefined
  #end: Message | undefined

  /** Codex tells here what it has not allowed, and on standard output nothing of it. */
  errorLine(line: string): readonly BackendEvent[] {
    this.deny(deniedOnStderr(line, this.turn))
    return []
  }

  override end(exit: AgentExit): Verdict {
    const leftovers = this.#running.size === 0 ? undefined : sandboxLeftovers(this.turn)
    const details = {usage: this.#usage, denials: this.denials, leftovers}
    if (this.#end?.type === 'turn.completed') return {...details, ...this.#completed()}
    const told = this.#end ? (this.#end.error?.message ?? 'codex failed.') : this.#error
    if (told !== undefined) {
      // Codex has neither codes nor kinds; an error 400 is told as the server's JSON.
      const {message, status = httpStatus(message)} = readError(told)
      return {...details, ...failed(message, status)}
    }

    const message = this.endedEarly('codex', exit, lastWords(exit.stderr, NOISE) || this.#retry)
    return UNKNOWN_THREAD.test(message)
      ? {...details, outcome: 'session', message: message.split('\n').at(-1)!}
      : {...details, ...failed(message, httpStatus(message))}
  }

  /** Codex completes a turn, too, whose prompt a hook of the user's has kept from the model. */
  #completed(): Verdict {
    if (this.answer.text !== '' || this.#started.size > 0 || this.#usage?.total_tokens !== 0)
      return {outcome: 'success'}
    return {outcome: 'failed', message: this.#notice || 'codex ended without asking the model.'}
  }

  protected override read(message: Message): BackendEvent[] | undefined {
    const {item, message: text = '', thread_id: id, type} = message
    switch (type) {
      case 'thread.started':
        return id === undefined ? undefined : [{type: 'session', backend_session_id: id}]
      case 'turn.started':
        // From now on the total that the session keeps is old; a turn that is interrupted tells no new one.
        return this.#totalBefore && Object.keys(this.#totalBefore).length > 0
          ? [{type: 'state', state: {}}]
          : []
      case 'item.started':
      case 'item.updated':
      case 'item.completed':
        return item && this.#item(item, type === 'item.completed')
      case 'error': {
        // The last word of a turn that failed is told twice, first as an error; `turn.failed` speaks for it.
        const again = retry(text, this.#retries + 1)
        if (again) {
          this.#retries++
          this.#retry = again.message
        } else this.#error = text

        return again ? [again] : []
      }
      case 'turn.completed':
        this.#end = message
        return [...this.#count(message.usage), {type: 'finished'}]
      case 'turn.failed':
        this.#end = message
        return [{type: 'finished'}]
      default:
        return undefined
    }
  }

  #count(total: TokenCounts | undefined): BackendEvent[] {
    if (!total) return []
    const own = this.#totalBefore && difference(total, this.#totalBefore)
    if (own) this.#usage = usageOfCalls([callOf(own)])
    return [
      ...(this.#usage ? [{type: 'usage', usage: this.#usage} as const] : []),
      {type: 'state', state: {total: sum([total])}},
    ]
  }

  /** The thread's total before this turn, as the session keeps it; undefined when that is not known. */
  get #totalBefore(): TokenCounts | undefined {
    const {session} = this.turn
    // A fork continues to count from the total of its parent (0.169.0).
    if (session.kind !== 'resume' && session.kind !== 'fork') return {}
    const {total} = Object(session.state) as {total?: Json}
    return typeof total === 'object' && total !== null ? (total as TokenCounts) : undefined
  }

  #item(item: Item, isCompleted: boolean): BackendEvent[] | undefined {
    const {id = '', message = '', text = '', type} = item
    switch (type) {
      case 'agent_message':
        // Codex tells each message whole, when it is complete.
        return isCompleted ? this.answer.piece(id, text) : []
      case 'reasoning':
        return isCompleted ? [{type: 'reasoning', text}] : []
      case 'error':
        if (isCompleted) this.#notice = message
        return isCompleted ? [{type: 'notice', message}] : []
      default:
        return this.#tool(item, isCompleted)
    }
  }

  #tool(item: Item, isCompleted: boolean): BackendEvent[] | undefined {
    const {id = '', status = '', type} = item
    const tool = toolOf(item)
    if (!tool) return undefined
    const {name, input, output, target} = tool
    const isNew = !this.#started.has(id)
    this.#started.add(id)
    if (type === 'command_execution') this.#running[isCompleted ? 'delete' : 'add'](id)
    return [
      ...(isNew ? [{type: 'tool_call', id, name, input, target: target || undefined} as const] : []),
      ...(isCompleted ? [{type: 'tool_result', id, output, is_error: isFailed(status)} as const] : []),
    ]
  }
}

/** Unknown, or held by another codex. */
const UNKNOWN_THREAD = /thread\/resume failed/
/** What codex says on standard error in every run, and its log. */
const NOISE = /^(?:WARNING: proceeding|Reading (?:additional input|prompt) from stdin|\d{4}-\d\d-\d\dT\S+ )/

/**
 * An attempt that failed, told as an error: `Reconnecting... 2/5 (unexpected status 401 Unauthorized: …)`, or
 * `Reconnecting... waiting for network (Connection failed: …)`, without an end (seen with 0.169.0).
 */
function retry(message: string, attempt: number): RetryEvent | undefined {
  if (!message.startsWith('Reconnecting...')) return undefined
  const [, count = attempt, most, reason = message] =
    /^Reconnecting\.\.\.\s+(?:(\d+)\/(\d+)|[^(]*)\s*(?:\(([^]*)\))?$/.exec(message) ?? []
  return {
    type: 'retry',
    attempt: Number(count),
    max_attempts: most === undefined ? undefined : Number(most),
    status: httpStatus(message),
    message: reason,
  }
}

/** `unexpected status 401 Unauthorized`, `last status: 429 Too Many Requests`. */
function httpStatus(message: string): number | undefined {
  const [, status] = /\b(?:unexpected|last) status:? (\d{3})\b/.exec(message) ?? []
  return status === undefined ? undefined : Number(status)
}
