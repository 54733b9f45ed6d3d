import {failed, JsonReader, usageOfCalls} from 'clinvk-backend-sdk'
import type {AgentExit, BackendEvent, Usage, Verdict, VerdictDetails} from 'clinvk-contract'
import {denial, toolTarget} from './denial.js'
import {type Block, callOf, callsOfModels, MESSAGE, type Message} from './messages.js'
import {type StreamEvent, textOf, type TokenCounts} from './messages.js'

/** Reads the stream of Claude Code 2.1 (`messages.ts`). */
export class ClaudeReader extends JsonReader<typeof MESSAGE> {
  protected override readonly shape = MESSAGE
  #blocks = 0
  /** Token counts by model call, the last known of each: what an interrupted turn has used. */
  readonly #calls = new Map<string, TokenCounts>()
  #call = ''
  #model: string | undefined
  #known = false
  /** The `error` of a message: `authentication_failed`, `rate_limit`, … */
  #failure: string | undefined
  #resetsAt: string | undefined
  /** What a hook said that lets nothing more happen. */
  #stopped: string | undefined
  /** The last one: a command in the background brings a result of its own. */
  #result: Message | undefined
  /** Commands that claude runs in the background. */
  readonly #tasks = new Set<string>()

  /**
   * How a turn of claude went. Its exit code says little: 0 after SIGINT, 1 for
   * a turn limit; `subtype: success` stands in the result of every API error too.
   */
  override end(exit: AgentExit): Verdict {
    const result = this.#result
    const details = this.#details()
    const {api_error_status: status, error, errors, is_error: isError = error !== undefined} = result ?? {}
    const {subtype = isError ? 'an error' : 'success'} = result ?? {}
    if (result && !isError && subtype === 'success') return {...details, ...this.#withoutError(result)}
    const message = result
      ? result.result || errors?.join('\n') || error || `claude reported ${subtype}`
      : `${this.answer.isWhole ? '' : 'After a very long answer '}${this.endedEarly('claude', exit)}`
    if (subtype === 'error_max_turns' || subtype === 'error_max_budget_usd')
      return {...details, outcome: 'limit', message}
    if (message.includes(UNKNOWN_SESSION)) return {...details, outcome: 'session', message}
    const content = this.answer.isWhole ? this.answer.text || undefined : undefined
    return {...details, content, ...failed(message, STATUSES.get(this.#failure) ?? status, this.#resetsAt)}
  }

  /** A hook of the user's that stops claude before it asked the model, or meanwhile, is no error to claude. */
  #withoutError({modelUsage = {}, terminal_reason: reason}: Message): Verdict {
    const isStopped = Object.keys(modelUsage).length === 0 || reason === 'hook_stopped'
    if (this.#stopped === undefined || !isStopped) return {outcome: 'success'}
    const [words = ''] = this.#stopped.split(/\s*Original prompt: /)
    return {outcome: 'failed', message: words.trim().replaceAll(/\s+/g, ' ')}
  }

  #details(): VerdictDetails {
    // Usage and cost are those of the whole process.
    const {modelUsage, structured_output: answer, total_cost_usd: cost} = this.#result ?? {}
    const told = usageOfCalls(callsOfModels(modelUsage))
    const counted = this.#usage()
    return {
      content: answer === undefined ? undefined : JSON.stringify(answer),
      model: this.#model,
      // The result of an interrupted turn misses the call that was under way; the stream misses sub-agents.
      usage: (told?.total_tokens ?? -1) >= (counted?.total_tokens ?? -1) ? told : counted,
      cost,
      denials: this.denials,
    }
  }

  protected override read(message: Message): BackendEvent[] | undefined {
    switch (message.type) {
      case 'system':
        return this.#system(message)
      case 'stream_event':
        // What a sub-agent says belongs to its tool call, not to the answer.
        return message.event && !message.parent_tool_use_id ? this.#stream(message.event) : []
      case 'assistant':
        return this.#assistant(message)
      case 'user':
        return (message.message?.content ?? []).flatMap((block) => toolResult(block))
      case 'rate_limit_event':
        return this.#rateLimit(message)
      case 'result':
        this.#result = message
        for (const {tool_input: input, tool_name: tool = 'unknown'} of message.permission_denials ?? [])
          this.deny(denial(tool, input, this.turn))
        return [
          ...this.#rest(message),
          // While a command runs in the background, claude stays, and answers once more when it ends.
          ...(this.#tasks.size === 0 ? [{type: 'finished'} as const] : []),
        ]
      case 'tool_progress':
      case 'tool_use_summary':
      case 'auth_status':
        return []
      default:
        return undefined
    }
  }

  #system(message: Message): BackendEvent[] | undefined {
    const {error, error_status: status, model, session_id: id, subtype, task_id: task = ''} = message
    switch (subtype) {
      case 'init':
        // Repeated for every further turn of one process.
        if (this.#known || id === undefined) return []
        this.#known = true
        this.#model = model
        return [{type: 'session', backend_session_id: id, model, agent_version: message.claude_code_version}]
      case 'api_retry': {
        const {attempt = 1, max_retries: most, retry_delay_ms: delay} = message
        return [
          {
            type: 'retry',
            attempt,
            max_attempts: most,
            delay_seconds: delay === undefined ? undefined : delay / 1000,
            status: status || undefined,
            message: [status, error].filter(Boolean).join(' ') || 'the model did not answer',
          },
        ]
      }
      case 'model_fallback': {
        const {fallback_model: fallback = 'another', original_model: original = 'The model'} = message
        return [{type: 'notice', message: `${original} is overloaded; ${fallback} answers.`}]
      }
      case 'informational':
        if (message.prevent_continuation)
          this.#stopped = message.content ?? 'A hook of Claude Code stopped it.'
        return message.content && !message.prevent_continuation
          ? [{type: 'notice', message: message.content}]
          : []
      case 'task_started':
        this.#tasks.add(task)
        return []
      case 'task_notification': {
        const isKnown = this.#tasks.delete(task)
        // claude waits some seconds for what runs in the background when the answer is complete, then ends it. Of a
        // command that it ends because the turn is stopped it says so twice (2.1.197).
        const notice = `Claude Code ended a command that was still running: ${message.summary ?? ''}`
        return isKnown && message.status === 'stopped' ? [{type: 'notice', message: notice}] : []
      }
      default:
        return SILENT.has(subtype ?? '') ? [] : undefined
    }
  }

  #stream({delta, message, type, usage}: StreamEvent): BackendEvent[] {
    switch (type) {
      case 'message_start':
        this.#call = message?.id ?? ''
        this.#useModel(message?.model)
        if (message?.usage) this.#calls.set(this.#call, message.usage)
        return []
      case 'content_block_start':
        this.#blocks++
        if (this.answer.length > LONGEST_KEPT) this.answer.giveUp()
        return []
      case 'content_block_delta':
        if (delta?.type === 'text_delta') return this.#piece(delta.text ?? '')
        return delta?.type === 'thinking_delta' ? [{type: 'reasoning', text: delta.thinking ?? ''}] : []
      case 'message_delta': {
        if (usage) this.#calls.set(this.#call, {...this.#calls.get(this.#call), ...usage})
        const total = this.#usage()
        return total ? [{type: 'usage', usage: total}] : []
      }

      default:
        return []
    }
  }

  #assistant({error, message = {}, parent_tool_use_id: parent}: Message): BackendEvent[] {
    if (error !== undefined) {
      this.#failure = error
      return []
    }

    if (!parent) this.#useModel(message.model)
    return (message.content ?? []).flatMap((block): BackendEvent[] => {
      const {id = '', input, name = 'unknown', text = '', type} = block
      if (type === 'tool_use') return [{type: 'tool_call', id, name, input, target: toolTarget(input)}]
      return type === 'text' && !parent && message.model !== SYNTHETIC ? this.#whole(text) : []
    })
  }

  #piece(text: string): BackendEvent[] {
    return this.answer.piece(String(this.#blocks), text)
  }

  /**
   * Claude tells each block twice: in pieces while it comes, then whole; and when a stream breaks it
   * asks again without streaming, so that the whole block may begin with pieces already shown.
   */
  #whole(text: string): BackendEvent[] {
    if (!text.startsWith(this.answer.block(String(this.#blocks)))) this.#blocks++
    const rest = this.#piece(text.slice(this.answer.block(String(this.#blocks)).length))
    this.#blocks++
    return rest
  }

  #rateLimit({rate_limit_info: info}: Message): BackendEvent[] {
    if (info?.status === undefined || info.status === 'allowed') return []
    if (info.resetsAt !== undefined) this.#resetsAt = new Date(info.resetsAt * 1000).toISOString()
    const used = info.status === 'rejected' ? 'used up' : 'nearly used up'
    const message = `The ${info.rateLimitType?.replaceAll('_', ' ') ?? 'rate'} limit is ${used}.`
    return [{type: 'rate_limit', message, resets_at: this.#resetsAt}]
  }

  #useModel(model: string | undefined): void {
    if (model !== undefined && model !== SYNTHETIC) this.#model = model
  }

  /** What stands in the result alone: an answer by a schema, which is no text, or all of one that was not streamed. */
  #rest({is_error: isError, result = '', structured_output: answer}: Message): BackendEvent[] {
    if (answer !== undefined) this.#blocks++
    else if (isError || this.answer.length > 0) return []
    return this.#piece(answer === undefined ? result : JSON.stringify(answer))
  }

  #usage(): Usage | undefined {
    return usageOfCalls([...this.#calls.values()].map(callOf))
  }
}

function toolResult({content, is_error: isError = false, tool_use_id: id = '', type}: Block): BackendEvent[] {
  if (type !== 'tool_result') return []
  return [{type, id, output: textOf(content), is_error: isError}]
}

/** The model of what claude says itself: "Unknown command", errors. */
const SYNTHETIC = '<synthetic>'
const UNKNOWN_SESSION = 'No conversation found with session ID'
/** What a status of the model means that claude tells in words, or with another status. */
const STATUSES = new Map<string | undefined, number>([
  ['authentication_failed', 401],
  ['rate_limit', 429],
  ['billing_error', 402],
])
const SILENT = new Set([
  'status', 'thinking_tokens', 'compact_boundary', 'hook_started', 'hook_progress', 'hook_response',
  'task_progress', 'task_updated',
]) // prettier-ignore

/** Characters of an answer that is compared with claude's own record of it. */
const LONGEST_KEPT = 4 * 1024 * 1024
