import {randomUUID} from 'node:crypto'
import type {Dialect} from '../dialect.js'
import {frames, streamError} from './anthropic-stream.js'
import {read} from './anthropic-request.js'
import {whole} from './anthropic-message.js'

/** Anthropic's Messages API, as far as claude uses it. */
export const anthropic: Dialect = {
  name: 'anthropic',
  matches: ({method, path}) => method === 'POST' && path === '/v1/messages',
  read,
  frames,
  whole,
  streamError,
  error({status, errorType = errorTypes[status] ?? 'api_error', message = `simulated ${status}`}) {
    return {type: 'error', error: {type: errorType, message}, request_id: `req_${randomUUID()}`}
  },
  side({method, path}, body) {
    if (method === 'POST' && path === '/v1/messages/count_tokens') {
      return {input_tokens: Math.ceil(JSON.stringify(body).length / 4)}
    }
    if (method === 'GET' && path === '/v1/models') return modelList
    return undefined
  },
}

const errorTypes: Record<number, string | undefined> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  500: 'api_error',
  504: 'timeout_error',
  529: 'overloaded_error',
}

const models = ['claude-opus-4-8', 'claude-sonnet-5', 'claude-haiku-4-5-20251001']

const modelList = {
  data: models.map((id) => ({type: 'model', id, display_name: id, created_at: '2026-01-01T00:00:00Z'})),
  has_more: false,
  first_id: models[0],
  last_id: models.at(-1),
}
