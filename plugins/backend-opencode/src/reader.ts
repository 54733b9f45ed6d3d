import {asText, type Counts, failed, JsonReader, lastWords, usageOfCalls} from 'clinvk-backend-sdk'
import type {AgentExit, BackendEvent, Verdict} from 'clinvk-contract'
import {denial, toolTarget} from './denial.js'
import {type AgentError, countsOf, MESSAGE, type Message, numbersOf, type Part} from './messages.js'

/** Reads what our plugin prints; where it is missing, what opencode 1.18 prints itself. */
export class OpencodeReader extends JsonReader<typeof MESSAGE> {
  protected override readonly shape = MESSAGE
  readonly #usage: Counts[] = []
  /** Parts of the answer that are complete. */
  readonly #finished = new Set<string>()
  /** Parts that were begun before the model was asked again. */
  readonly #broken = new Set<string>()
  readonly #reasoning = new Map<string, string>()
  readonly #calls = new Set<string>()
  /** Of each message, the model that has written it. */
  readonly #models = new Map<string, string>()
  readonly #summaries = new Set<string>()
  #id: string | undefined
  #model: string | undefined
  #hasPlugin = false
  /** The first is the cause; what opencode itself prints of it may be "check the logs". */
  #error: AgentError | undefined
  /** Why the last model call was ended: `stop`, `tool-calls`, `length`. */
  #reason: string | undefined
  /** What opencode had to try again for, when it did not get over it. */
  #retry: string | undefined
  /** When it wanted to try again, ISO 8601. */
  #retryAt: string | undefined
  #disconnected: string | undefined
  #steps = 0
  #cost = 0

  override end(exit: AgentExit): Verdict {
    return {
      content: this.#broken.size === 0 ? undefined : this.answer.without(this.#broken),
      model: this.#model,
      usage: usageOfCalls(this.#usage),
      cost: this.#cost || undefined,
      denials: this.denials,
      ...(this.#error ? this.#outcomeOf(this.#error) : this.#outcomeWithoutError(exit)),
    }
  }

  /** The exit code alone says little: it is 0, too, when the turn was broken off. */
  #outcomeWithoutError(exit: AgentExit): Verdict {
    if (this.#retry !== undefined) return failed(this.#retry, undefined, this.#retryAt)
    const {code, stderr} = exit
    if (code === 0 && this.#reason === 'length') return {outcome: 'failed', message: CUT_OFF}
    if (this.#cost > (this.turn.maxCost ?? Infinity)) return this.#tooDear()
    if (code === 0 && this.#steps > 0) return {outcome: 'success'}
    const said = lastWords(stderr, /^! permission requested/).replaceAll(/^Error: /gm, '')
    if (code === 0)
      return {outcome: 'failed', message: `opencode ended without an answer${said && `: ${said}`}.`}
    const message = this.endedEarly('opencode', exit, said)
    return message.includes('Session not found') ? {outcome: 'session', message} : failed(message)
  }

  #tooDear(): Verdict {
    const cost = Math.round(this.#cost * 1e6) / 1e6
    return {
      outcome: 'limit',
      message: `OpenCode spent $${cost} of the $${this.turn.maxCost} that --max-cost allows.`,
    }
  }

  #outcomeOf({data = {}, name = 'an error'}: AgentError): Verdict {
    const {message = name, statusCode: status} = data
    const limit = (message: string): Verdict => ({outcome: 'limit', message})
    // The words of our plugin.
    if (message.includes('clinvk: maxTurns'))
      return limit(`OpenCode has reached the limit of model turns (${this.turn.maxTurns})`)
    if (message.includes('clinvk: maxCost')) return this.#tooDear()
    if (message.includes('clinvk: noPrice')) return limit(NO_PRICE)
    if (message.includes('clinvk: silence')) return {outcome: 'failed', message: NO_ANSWER}
    if (this.#disconnected !== undefined) {
      const provider = this.#disconnected
      const message = `OpenCode is not signed in to ${provider}, or knows no provider of that name.`
      return {outcome: 'auth', message}
    }

    if (name === 'MessageAbortedError' && this.#retry !== undefined)
      return failed(this.#retry, undefined, this.#retryAt)
    return failed(message, name === 'ProviderAuthError' ? 401 : status, this.#retryAt)
  }

  protected override read(message: Message): BackendEvent[] | undefined {
    const {attempt = 1, delayMs = 0, error, message: text = '', part, sessionID: session, type = ''} = message
    if (OWN.has(type)) {
      const begun = session === undefined ? [] : this.#session(session)
      if (error) this.#error ??= error
      return part && !error && !this.#hasPlugin ? [...begun, ...this.#part(part, true)] : begun
    }

    this.#hasPlugin ||= type.startsWith('clinvk.')
    const isOurs = session !== undefined && session === this.#id
    switch (type) {
      case 'clinvk.session':
        return message.parentID === undefined && session !== undefined ? this.#session(session) : []
      case 'clinvk.message': {
        const {isSummary, messageID: id = '', model = ''} = message
        this.#models.set(id, model)
        if (isSummary) this.#summaries.add(id)
        else if (isOurs) this.#model = model
        return []
      }

      case 'clinvk.delta':
        return this.#delta(message)
      case 'clinvk.part':
        return part && this.#part(part, isOurs)
      case 'clinvk.retry': {
        if (isOurs) {
          for (const id of this.answer.ids) if (!this.#finished.has(id)) this.#broken.add(id)
          this.#retry = text
          this.#retryAt = new Date(Date.now() + delayMs).toISOString()
        }

        const delay = Math.round(delayMs / 1000)
        return [{type: 'retry', attempt, delay_seconds: delay, message: text}]
      }

      case 'clinvk.error':
        if (isOurs) this.#error ??= error
        return []
      case 'clinvk.asked':
        if (this.turn.sandbox !== 'full')
          this.deny({tool: message.permission ?? '', target: message.patterns?.[0]})
        return []
      case 'clinvk.disconnected':
        this.#disconnected = message.provider
        return []
      case 'clinvk.idle':
        return isOurs ? [{type: 'finished'}] : []
      default:
        return undefined
    }
  }

  /** The first session is the turn's; further ones are those of sub-agents. */
  #session(id: string): BackendEvent[] {
    if (this.#id !== undefined) return []
    this.#id = id
    return [{type: 'session', backend_session_id: id}]
  }

  #delta({delta = '', kind, partID: id = ''}: Message): BackendEvent[] {
    this.#retry = undefined
    return kind === 'text' ? this.#text(id, delta) : this.#thought(id, delta)
  }

  #text(id: string, text: string): BackendEvent[] {
    this.#broken.delete(id)
    return this.answer.piece(id, text)
  }

  #thought(id: string, text: string): BackendEvent[] {
    this.#reasoning.set(id, (this.#reasoning.get(id) ?? '') + text)
    return text === '' ? [] : [{type: 'reasoning', text}]
  }

  #part(part: Part, isOurs: boolean): BackendEvent[] {
    const {id = '', messageID = '', text = '', type} = part
    if (type === 'step-finish') return this.#step(part, isOurs)
    if (!isOurs) return []
    switch (type) {
      case 'text':
        this.#finished.add(id)
        // What has not been told of it is now. At its end opencode trims it.
        return this.#summaries.has(messageID) ? [] : this.#text(id, rest(text, this.answer.block(id)))
      case 'reasoning':
        return this.#thought(id, rest(text, this.#reasoning.get(id) ?? ''))
      case 'tool':
        return this.#tool(part)
      default:
        return []
    }
  }

  #tool(part: Part): BackendEvent[] {
    const {callID: id = '', state = {}, tool: name = 'unknown'} = part
    const {error, input = {}, output, status} = state
    const isNew = !this.#calls.has(id)
    this.#calls.add(id)
    const isEnd = status === 'completed' || status === 'error'
    if (isEnd) this.deny(denial(part, this.turn))
    return [
      ...(isNew ? [{type: 'tool_call', id, name, input, target: toolTarget(input)} as const] : []),
      ...(isEnd
        ? [{type: 'tool_result', id, output: error ?? asText(output), is_error: status === 'error'} as const]
        : []),
    ]
  }

  /** The end of a model call. */
  #step(part: Part, isOurs: boolean): BackendEvent[] {
    const {cost = 0, messageID = '', reason} = part
    this.#cost += cost
    if (isOurs) {
      this.#steps++
      this.#reason = reason
      this.#retry = undefined
    }

    const numbers = numbersOf(part)
    if (!numbers) return []
    this.#usage.push({...countsOf(numbers), model: this.#models.get(messageID)})
    return [{type: 'usage', usage: usageOfCalls(this.#usage)!}]
  }
}

/** What of a text has not been told. */
function rest(text: string, told: string): string {
  return text.startsWith(told) ? text.slice(told.length) : ''
}

const OWN = new Set(['step_start', 'text', 'reasoning', 'tool_use', 'step_finish', 'error'])
const NO_ANSWER = 'The model answered nothing, ten times in a row.'
const NO_PRICE = 'OpenCode does not know the price of this model, so it cannot keep --max-cost.'
const CUT_OFF = 'The answer is incomplete: the model has reached its limit of tokens for one answer.'
