import {parseLine, type Shape} from 'clinvk-backend-sdk'

/** What a line says; undefined for one that is no message. */
export function readMessage(line: string): Message | undefined {
  return parseLine(line, SHAPE) as Message | undefined
}

/**
 * What Gemini CLI 0.61 prints with `--output-format stream-json`, as far as
 * clinvk reads it. Everything is optional: agents change, and a missing field
 * must not break a turn.
 */
export interface Message {
  type?: string
  timestamp?: string
  // init
  session_id?: string
  model?: string
  // message
  role?: string
  content?: string
  // tool_use, tool_result
  tool_id?: string
  tool_name?: string
  parameters?: Record<string, unknown>
  output?: string
  // error
  severity?: string
  message?: string
  // tool_result, result
  status?: string
  error?: {type?: string; message?: string}
  // result
  stats?: Stats
}

/** Tokens of this process. `input_tokens` holds the cached ones, `total_tokens` also reasoning, which stands nowhere else. */
export interface Counts {
  total_tokens?: number
  input_tokens?: number
  output_tokens?: number
  cached?: number
}

export interface Stats extends Counts {
  models?: Record<string, Counts>
}

const COUNTS = {total_tokens: 0, input_tokens: 0, output_tokens: 0, cached: 0}
const SHAPE: Shape = {
  type: '',
  timestamp: '',
  session_id: '',
  model: '',
  role: '',
  content: '',
  tool_id: '',
  tool_name: '',
  parameters: {},
  output: '',
  severity: '',
  message: '',
  status: '',
  error: {type: '', message: ''},
  stats: {...COUNTS, models: {'*': COUNTS}},
}
