import type {Dialect} from '../dialect.js'
import {read} from './openai-chat-request.js'
import {frames, streamError, whole} from './openai-chat-response.js'

/** OpenAI's older Chat Completions API, which most other vendors offer too, as far as opencode uses it. */
export const openaiChat: Dialect = {
  name: 'openai-chat',
  matches: ({method, path}) => method === 'POST' && path.endsWith('/chat/completions'),
  read,
  frames,
  whole,
  streamError,
  error({
    status,
    details = [],
    errorType = errorTypes[status] ?? 'server_error',
    message = `simulated ${status}`,
  }) {
    const error = {message, type: errorType, param: null, code: errorType}
    return {error: Object.assign(error, ...details) as object}
  },
  side: () => undefined,
}

const errorTypes: Record<number, string | undefined> = {
  400: 'invalid_request_error',
  401: 'invalid_api_key',
  403: 'permission_error',
  404: 'model_not_found',
  429: 'rate_limit_exceeded',
}
