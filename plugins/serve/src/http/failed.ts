import type {Context} from 'hono'
import type {ContentfulStatusCode} from 'hono/utils/http-status'
import {isFailure, messageOf} from 'clinvk-kit/errors/failure'
import {type AnyError, type ApiError, apiError} from '../core/errors.js'

/** An error as a response, in the shape of the API that was asked. What is no Failure is a bug of ours. */
export function failed(c: Context, error: unknown, {hasStarted = false, now = new Date()} = {}): Response {
  const known: AnyError =
    isFailure(error) || isAnyError(error) ? error : {kind: 'internal', message: messageOf(error)}
  const told = apiError(known, {hasStarted, now})
  return c.json(bodyOf(told, c.req.path), told.status as ContentfulStatusCode, {...told.headers})
}

function isAnyError(error: unknown): error is AnyError {
  return (
    typeof error === 'object' &&
    error !== null &&
    !(error instanceof Error) &&
    'kind' in error &&
    'message' in error
  )
}

/** The body of an error in the shape of the API at this path. */
export function bodyOf(
  {anthropic, code, hints, kind, message, openai}: ApiError,
  path: string,
): {error: object; type?: string} {
  const whole = [message, ...hints].join(' ')
  if (/^\/(?:anthropic|v1\/messages)(?:\/|$)/.test(path))
    return {type: 'error', error: {type: anthropic, message: whole}}
  if (/^\/(?:openai|v1)(?:\/|$)/.test(path))
    return {error: {message: whole, type: openai.type, param: openai.param, code: openai.code}}
  return {error: {code, kind, message, hints}}
}
