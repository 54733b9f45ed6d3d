import type {AgentExit, BackendEvent, Reader, Turn, Usage, Verdict} from 'clinvk-contract'
import {Answer} from './answer.js'
import {toolTarget} from './denial.js'
import {type Block, type Message, readMessage, type StreamEvent, type TokenCounts} from './messages.js'
import {sum, usageOfCounts} from './usage.js'
import {verdict} from './verdict.js'

/** Reads the stream of Claude Code 2.1 (`messages.ts`). */
export function reader(turn: Turn): Reader {
  return new ClaudeReader(turn)
}

class ClaudeReader implements Reader {
  readonly #turn: Turn
  readonly #answer = new Answer()
  /** Token counts by model call, the last known of each: what an interrupted turn has used. */
  readonly #calls = new Map<string, TokenCounts>()
  #call = ''
  #model: string | undefined
  #known = false
  #failure: string | undefined
  #resetsAt: string | undefined
  readonly #results: Message[] = []
  /** Commands that claude runs in the background. */
  readonly #tasks = new Set<string>()

  constructor(turn: Turn) {
    this.#turn = turn
  }

  line(line: string): readonly BackendEvent[] {
    if (line.trim() === '') return []
    const message = readMessage(line)
    return (message && this.#message(message)) ?? [{type: 'unparsed', line}]
  }

  end(exit: AgentExit): Verdict {
    return verdict(this.#results, exit, {
      turn: this.#turn,
      model: this.#model,
      usage: this.#usage(),
      failure: this.#failure,
      resetsAt: this.#resetsAt,
    })
  }

  /** Undefined for what this version of the backend does not know. */
  #message(message: Message): BackendEvent[] | undefined {
    switch (message.type) {
      case 'system':
        return this.#system(message)
      case 'stream_event':
        // What a sub-agent says belongs to its tool call, not to the answer.
        return message.event && !message.parent_tool_use_id ? this.#stream(message.event) : []
      case 'assistant':
        return this.#assistant(message)
      case 'user':
        return blocks(message).flatMap((block) => toolResult(block) ?? [])
      case 'rate_limit_event':
        return this.#rateLimit(message)
      case 'result':
        this.#results.push(message)
        return [
          ...(message.is_error ? [] : this.#answer.whole(message.result ?? '')),
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
    switch (message.subtype) {
      case 'init': {
        // Repeated for every further turn of one process.
        if (this.#known || message.session_id === undefined) return []
        this.#known = true
        this.#model = message.model
        return [
          {
            type: 'session',
            backend_session_id: message.session_id,
            model: message.model,
            agent_version: message.claude_code_version,
          },
        ]
      }

      case 'api_retry':
        return [
          {
            type: 'retry',
            attempt: message.attempt ?? 1,
            max_attempts: message.max_retries,
            delay_seconds: message.retry_delay_ms === undefined ? undefined : message.retry_delay_ms / 1000,
            status: message.error_status || undefined,
            message:
              [message.error_status, message.error].filter(Boolean).join(' ') || 'the model did not answer',
          },
        ]
      case 'model_fallback':
        return [
          {
            type: 'notice',
            message: `${message.original_model ?? 'The model'} is overloaded; ${message.fallback_model ?? 'another'} answers.`,
          },
        ]
      case 'status':
      case 'thinking_tokens':
      case 'compact_boundary':
      case 'hook_started':
      case 'hook_progress':
      case 'hook_response':
      case 'task_progress':
      case 'task_updated':
        return []
      case 'task_started':
        this.#tasks.add(message.task_id ?? '')
        return []
      case 'task_notification':
        this.#tasks.delete(message.task_id ?? '')
        // claude waits some seconds for what runs in the background when the answer is complete, then ends it.
        return message.status === 'stopped'
          ? [
              {
                type: 'notice',
                message: `Claude Code ended a command in the background: ${message.summary ?? ''}`,
              },
            ]
          : []
      default:
        return undefined
    }
  }

  #stream(event: StreamEvent): BackendEvent[] {
    switch (event.type) {
      case 'message_start':
        this.#call = event.message?.id ?? ''
        this.#useModel(event.message?.model)
        if (event.message?.usage) this.#calls.set(this.#call, event.message.usage)
        return []
      case 'content_block_start':
        this.#answer.nextBlock()
        return []
      case 'content_block_delta':
        if (event.delta?.type === 'text_delta') return this.#answer.piece(event.delta.text ?? '')
        if (event.delta?.type === 'thinking_delta')
          return [{type: 'reasoning', text: event.delta.thinking ?? ''}]
        return []
      case 'message_delta': {
        if (event.usage) this.#calls.set(this.#call, {...this.#calls.get(this.#call), ...event.usage})
        const usage = this.#usage()
        return usage === undefined ? [] : [{type: 'usage', usage}]
      }

      default:
        return []
    }
  }

  #assistant(message: Message): BackendEvent[] {
    if (message.error !== undefined) {
      this.#failure = message.error
      return []
    }

    const main = !message.parent_tool_use_id
    if (main) this.#useModel(message.message?.model)
    return blocks(message).flatMap((block): BackendEvent[] => {
      if (block.type === 'tool_use') return [toolCall(block)]
      return block.type === 'text' && main && message.message?.model !== SYNTHETIC
        ? this.#answer.block(block.text ?? '')
        : []
    })
  }

  #rateLimit({rate_limit_info: info}: Message): BackendEvent[] {
    if (info?.status === undefined || info.status === 'allowed') return []
    if (info.resetsAt !== undefined) this.#resetsAt = new Date(info.resetsAt * 1000).toISOString()
    const used = info.status === 'rejected' ? 'used up' : 'nearly used up'
    return [
      {
        type: 'rate_limit',
        message: `The ${info.rateLimitType?.replaceAll('_', ' ') ?? 'rate'} limit is ${used}.`,
        resets_at: this.#resetsAt,
      },
    ]
  }

  #useModel(model: string | undefined): void {
    if (model !== undefined && model !== SYNTHETIC) this.#model = model
  }

  #usage(): Usage | undefined {
    return this.#calls.size === 0
      ? undefined
      : sum([...this.#calls.values()].map((counts) => usageOfCounts(counts)))
  }
}

function blocks({message}: Message): readonly Block[] {
  return Array.isArray(message?.content) ? message.content : []
}

function toolCall({id = '', input, name = 'unknown'}: Block): BackendEvent {
  return {type: 'tool_call', id, name, input, target: toolTarget(input)}
}

function toolResult({content, is_error: isError, tool_use_id: id, type}: Block): BackendEvent | undefined {
  if (type !== 'tool_result') return undefined
  const output = typeof content === 'string' ? content : textOf(content)
  return {type: 'tool_result', id: id ?? '', output, is_error: isError ?? false}
}

/** The texts of a tool's result, which may be of several parts, pictures among them. */
function textOf(content: unknown): string {
  const parts = Array.isArray(content) ? (content as (Block | null)[]) : []
  return parts.map((part) => (typeof part?.text === 'string' ? part.text : '')).join('')
}

/** The model of what claude says itself: "Unknown command", errors. */
const SYNTHETIC = '<synthetic>'
