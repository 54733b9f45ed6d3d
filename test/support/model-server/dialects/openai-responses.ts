import type {Dialect} from '../dialect.js'
import {read} from './openai-responses-request.js'
import {whole} from './openai-responses-response.js'
import {frames, streamError} from './openai-responses-stream.js'

/** OpenAI's Responses API, as far as codex uses it. Any path may lead to it: `/v1/responses`, `/openai/v1/responses`. */
export const openaiResponses: Dialect = {
  name: 'openai-responses',
  matches: ({method, path}) => method === 'POST' && path.endsWith('/responses'),
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
  side({method, path}) {
    return method === 'GET' && path.endsWith('/openai/v1/models') ? modelList : undefined
  },
}

const errorTypes: Record<number, string | undefined> = {
  400: 'invalid_request_error',
  401: 'invalid_api_key',
  403: 'permission_error',
  404: 'not_found_error',
  429: 'rate_limit_exceeded',
}

const modelList = {
  object: 'list',
  data: ['gpt-5.5', 'gpt-5.4'].map((id) => ({
    id,
    object: 'model',
    created: 1_767_225_600,
    owned_by: 'openai',
  })),
}
