import {type AgentError, failed, JsonReader, lastWords, readError, resetTime} from 'clinvk-backend-sdk'
import type {AgentExit, BackendEvent, Verdict} from 'clinvk-contract'
import {denial, toolTarget} from './denial.js'
import {MESSAGE, type Message, usageOfStats} from './messages.js'
import {isUnresumable, UNRESUMABLE} from './plan.js'

/** Reads the stream of Gemini CLI 0.61 (`messages.ts`). */
export class GeminiReader extends JsonReader<typeof MESSAGE> {
  protected override readonly shape = MESSAGE
  readonly #calls = new Map<string, Message>()
  /** Messages of `error` events that broke off the answer. */
  readonly #errors: string[] = []
  /** What a hook of the user's said that kept the prompt from the model. */
  #blocked: string | undefined
  #model: string | undefined
  #result: Message | undefined

  /** Standard error tells of attempts; most of it is noise. */
  errorLine(line: string): readonly BackendEvent[] {
    const [, attempt, status, cause = ''] = RETRY.exec(line) ?? []
    if (attempt === undefined)
      return line.includes(POLICY_IGNORED) ? [{type: 'notice', message: POLICY_NOTICE}] : []
    const message = readApiError(cause).message || status || 'the model did not answer'
    // `5xx` is no number.
    return [{type: 'retry', attempt: Number(attempt), status: Number(status) || undefined, message}]
  }

  override end(exit: AgentExit): Verdict {
    const usage = usageOfStats(this.#result?.stats)
    return {
      content: this.answer.text || undefined,
      // Of several models, the one that chooses among the others comes first. The session file knows better (`settle`).
      model: Object.keys(usage?.models ?? {}).at(-1) ?? this.#model,
      usage,
      denials: this.denials,
      ...this.#outcome(this.#result, exit),
    }
  }

  /** Gemini's exit code alone says little: 0 after SIGINT, for a stream that broke off and for a prompt that was too long. */
  #outcome(result: Message | undefined, exit: AgentExit): Verdict {
    const {code = 0} = exit
    if (!result) return this.#withoutResult(exit)
    const told = this.#errors.at(-1)
    if (result.status === 'success') {
      if (told !== undefined)
        return {outcome: told.startsWith(TURN_LIMIT) ? 'limit' : 'failed', message: told}
      if (this.answer.text !== '' || this.#calls.size > 0) return {outcome: 'success'}
      const hasAsked = Object.keys(result.stats?.models ?? {}).length > 0
      return {outcome: 'failed', message: this.#blocked ?? (hasAsked ? NO_ANSWER : NOTHING_SENT)}
    }

    const said = result.error?.message ?? told ?? ''
    const {message, status = code + 256} = readApiError(said)
    if (message === '') return {outcome: 'failed', message: 'gemini reported an error without saying which.'}
    // gemini ends with the HTTP status as its exit code, of which 8 bits arrive: 401 as 145.
    const verdict = failed(message, code === NO_SIGN_IN ? 401 : status, resetTime(said, new Date()))
    return verdict.outcome === 'failed' && code === TURN_LIMIT_EXIT ? {...verdict, outcome: 'limit'} : verdict
  }

  #withoutResult(exit: AgentExit): Verdict {
    const message = this.endedEarly(
      'gemini',
      exit,
      lastWords(exit.stderr.split('Usage: gemini [options]')[0]!, NOISE),
    )
    if (exit.code === 0) return {outcome: 'failed', message: NO_RESULT}
    if (UNKNOWN_SESSION.test(message)) return {outcome: 'session', message}
    return failed(message, exit.code === NO_SIGN_IN ? 401 : undefined)
  }

  protected override read(message: Message): BackendEvent[] | undefined {
    const {content = '', error, model, output, role, session_id: id, type} = message
    const {parameters: input, status, tool_id: tool = '', tool_name: name = 'unknown'} = message
    switch (type) {
      case 'init':
        if (id === undefined) return undefined
        // Which model a short name became is told at the end.
        if (model !== undefined && !SHORT_NAME.test(model)) this.#model = model
        return [{type: 'session', backend_session_id: id, model: this.#model}]
      case 'message':
        // The other role is the user, whose prompt is repeated. What is said before and after a tool are two blocks.
        return role === 'assistant' ? this.answer.piece(String(this.#calls.size), content) : []
      case 'tool_use':
        this.#calls.set(tool, message)
        return [{type: 'tool_call', id: tool, name, input, target: toolTarget(input)}]
      case 'tool_result': {
        const call = this.#calls.get(tool)
        this.deny(call && denial(call, message, this.turn))
        const told = output ?? error?.message ?? ''
        return [{type: 'tool_result', id: tool, output: told, is_error: status === 'error'}]
      }

      case 'error':
        return this.#error(message)
      case 'result':
        return this.#end(message)
      default:
        return undefined
    }
  }

  #end(message: Message): BackendEvent[] {
    this.#result = message
    const {session} = this.turn
    const wasUnresumable = session.kind === 'resume' && isUnresumable(session.state)
    const isFirst = session.kind === 'new' || wasUnresumable
    const isTakenBack = this.#calls.size === 0 && (message.status !== 'success' || this.#errors.length > 0)
    const usage = usageOfStats(message.stats)
    return [
      ...(usage ? [{type: 'usage', usage} as const] : []),
      ...(isFirst && isTakenBack ? [{type: 'state', state: UNRESUMABLE} as const] : []),
      ...(wasUnresumable && !isTakenBack ? [{type: 'state', state: null} as const] : []),
      {type: 'finished'},
    ]
  }

  #error({message = 'gemini reported an error', severity}: Message): BackendEvent[] {
    // A loop is told as a warning; but the answer is broken off, and gemini takes back the prompt.
    const isLoop = message.startsWith('Loop detected')
    if (severity === 'warning' && !isLoop) {
      if (message.startsWith('Agent execution blocked')) this.#blocked = message
      return [{type: 'notice', message}]
    }

    const words = isLoop ? LOOP : message
    this.#errors.push(words)
    return [{type: 'error', message: words}]
  }
}

/**
 * Reads what gemini makes of an error of the API: `[API Error: …]` around a text or the API's own JSON, and maybe a
 * line of advice that helps only in its own interface (`/auth`).
 */
function readApiError(text: string): AgentError {
  const [, inner = text] = /^\[API Error: ([^]*)\](?:\n[^]*)?$/.exec(text) ?? []
  return readError(inner)
}

const SHORT_NAME = /^(?:auto|auto-.*|pro|flash|flash-lite)$/
const NO_SIGN_IN = 41
const TURN_LIMIT_EXIT = 53
const TURN_LIMIT = 'Maximum session turns exceeded'
const NOTHING_SENT =
  'gemini ended without an answer and without asking the model: the prompt is probably longer than the model takes, or a hook has stopped it.'
const NO_ANSWER = 'gemini ended without an answer: the model gave none, or a hook has stopped it.'
const LOOP =
  'gemini broke off the answer because it repeats itself ("Loop detected"). To let such answers continue, set model.disableLoopDetection in its settings.'
/** Its last lines get lost when it exits while they are on their way, and it takes itself for finished. */
const NO_RESULT =
  'gemini ended without its result, as it does when prompt and conversation are longer than the model takes.'
const UNKNOWN_SESSION = /Error resuming session|No previous sessions found/
/** `Attempt 1 failed with status 429. Retrying with backoff... _ApiError: {"error":{…}}` */
const RETRY =
  /^Attempt (\d+) failed(?: with (?:status )?(\d{3}|5xx)[^.]*)?\. Retrying with backoff\.\.\.(?: \w*Error: (.*))?$/

/** On a machine whose administrator has set rules of their own. */
const POLICY_IGNORED = 'Ignoring --admin-policy'
const POLICY_NOTICE =
  'Gemini CLI uses the policies of this machine instead of those of clinvk: its model may leave plan mode by itself, and then runs tools without asking.'

/** What gemini 0.61.0 prints whatever happens. */
const NOISE =
  /^\[STARTUP\]|^Ripgrep is not available|^Warning: (?:Basic terminal|256-color|True color|--allowed-tools)|^YOLO mode is enabled|^\s+at /
