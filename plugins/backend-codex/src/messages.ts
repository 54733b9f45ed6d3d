import {parseLine, type Shape} from 'clinvk-backend-sdk'

/** What a line says; undefined for one that is no message. */
export function readMessage(line: string): Message | undefined {
  return parseLine(line, SHAPE) as Message | undefined
}

/**
 * What codex 0.169 prints with `exec --json`, as far as clinvk reads it.
 * Everything is optional: agents change, and a missing field must not break a turn.
 */
export interface Message {
  /** `thread.started`, `turn.started`, `item.started`, `item.completed`, `turn.completed`, `turn.failed`, `error`, … */
  type?: string
  // thread.started
  thread_id?: string
  // item.*
  item?: Item
  // turn.completed: the total of the whole thread
  usage?: TokenCounts
  // turn.failed
  error?: {message?: string}
  // error: an attempt that failed, or the same as in `turn.failed`
  message?: string
}

export interface Item {
  id?: string
  type?: string
  status?: string
  // agent_message, reasoning
  text?: string
  // error: a warning, the turn goes on
  message?: string
  // command_execution
  command?: string
  aggregated_output?: string
  exit_code?: number | null
  // file_change
  changes?: {path?: string; kind?: string}[]
  // mcp_tool_call
  server?: string
  tool?: string
  arguments?: unknown
  result?: {content?: {text?: string}[]} | null
  error?: {message?: string} | null
  // web_search
  query?: string
  // todo_list
  items?: {text?: string; completed?: boolean}[]
}

/** Counts of OpenAI's API: `input_tokens` holds the cached ones, `output_tokens` the reasoning. */
export interface TokenCounts {
  input_tokens?: number
  cached_input_tokens?: number
  output_tokens?: number
  reasoning_output_tokens?: number
}

const SHAPE: Shape = {
  type: '',
  thread_id: '',
  item: {
    id: '',
    type: '',
    status: '',
    text: '',
    message: '',
    command: '',
    aggregated_output: '',
    exit_code: 0,
    changes: [{path: '', kind: ''}],
    server: '',
    tool: '',
    result: {content: [{text: ''}]},
    error: {message: ''},
    query: '',
    items: [{text: '', completed: true}],
  },
  usage: {input_tokens: 0, cached_input_tokens: 0, output_tokens: 0, reasoning_output_tokens: 0},
  error: {message: ''},
  message: '',
}
