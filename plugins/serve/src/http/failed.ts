import type {Context} from 'hono'
import type {ContentfulStatusCode} from 'hono/utils/http-status'
import {isFailure, messageOf} from 'clinvk-kit/errors/failure'
import {type AnyError, type ErrorAnswer, errorAnswer} from '../core/errors.js'

/** An error as a response, in the shape of the API that was asked. */
export function failed(c: Context, error: unknown, hasStarted = false): Response {
  const {body, headers, status} = answerTo(error, c.req.path, hasStarted)
  return c.json(body, status as ContentfulStatusCode, {...headers})
}

/** What was thrown and is no Failure is a bug of ours. */
export function answerTo(error: unknown, path: string, hasStarted = false): ErrorAnswer {
  const isBug = error instanceof Error && !isFailure(error)
  return errorAnswer(
    isBug ? {kind: 'internal', message: messageOf(error)} : (error as AnyError),
    path,
    hasStarted,
  )
}
