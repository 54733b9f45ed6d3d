import type {Dialect} from '../dialect.js'
import {read} from './gemini-request.js'
import {frames, streamError, whole} from './gemini-response.js'

/** Google's Gemini API, as far as gemini uses it. */
export const gemini: Dialect = {
  name: 'gemini',
  matches: ({method, path}) =>
    method === 'POST' && /\/models\/[^/]+:(?:generateContent|streamGenerateContent)$/.test(path),
  read,
  frames,
  whole,
  streamError,
  error({status, details, errorType = errorTypes[status] ?? 'UNKNOWN', message = `simulated ${status}`}) {
    return {error: {code: status, message, status: errorType, ...(details && {details})}}
  },
  side({method, path}, body) {
    return method === 'POST' && path.endsWith(':countTokens')
      ? {totalTokens: Math.ceil(JSON.stringify(body).length / 4)}
      : undefined
  },
}

const errorTypes: Record<number, string | undefined> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
}
