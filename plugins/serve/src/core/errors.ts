import type {Context} from 'hono'
import type {ContentfulStatusCode} from 'hono/utils/http-status'
import {Failure, type FailureKind, isFailure, messageOf} from 'clinvk-kit/errors/failure'

/** What went wrong, as every door tells it: the kinds of clinvk, and what only a server has. */
export type ErrorCode = keyof typeof TABLE

/** A Failure that only a server has; `code` is finer than its kind. */
export class ServerFailure extends Failure {
  constructor(
    override readonly code: ErrorCode,
    message: string,
    hints: readonly string[] = [],
  ) {
    super(KINDS[code] ?? 'refused', message, hints)
  }
}

const KINDS: Partial<Record<ErrorCode, FailureKind>> = {
  backend_unknown: 'unavailable',
  session_busy: 'session',
  session_gone: 'session',
  shutdown: 'cancelled',
}

/** A request that is not valid. `param`: the field that is wrong; `vendorCode`: OpenAI's word for what is wrong. */
export class BadRequest extends Failure {
  constructor(
    message: string,
    readonly param?: string,
    readonly vendorCode?: string,
    hints: readonly string[] = [],
  ) {
    super('usage', message, hints)
  }
}

/** A Failure, or the `error` of a result. */
interface AnyError extends Partial<Pick<BadRequest, 'hints' | 'param' | 'vendorCode'>> {
  readonly kind: FailureKind
  /** Absent: the kind says it. */
  readonly code?: ErrorCode
  readonly message: string
  /** ISO 8601. */
  readonly resets_at?: string
}

/** An error as a response, in the shape of the API that was asked, or with this body. */
export function failed(c: Context, error: unknown, hasStarted = false, instead?: object): Response {
  const {body, headers, status} = errorAnswer(error, c.req.path, hasStarted)
  return c.json(instead ?? body, status as ContentfulStatusCode, headers)
}

export interface ErrorAnswer {
  readonly status: number
  /** For clients that try again by themselves. */
  readonly headers: Record<string, string>
  readonly body: {readonly error: object; readonly type?: string}
}

/**
 * An error in the shape of the API at this path; what was thrown and is no Failure is a bug of ours. `hasStarted`: an agent
 * was started, so that trying again would do its work twice.
 */
export function errorAnswer(error: unknown, path: string, hasStarted = false): ErrorAnswer {
  const isBug = error instanceof Error && !isFailure(error)
  const known: AnyError = isBug ? {kind: 'internal', message: messageOf(error)} : (error as AnyError)
  const {hints = [], kind, param = null, resets_at: resetsAt} = known
  const code = known.code ?? kind
  const [status, type, name, anthropic, again]: Row = TABLE[code]
  const headers: Record<string, string> = {}
  const seconds =
    code === 'rate_limit' && resetsAt !== undefined
      ? Math.max(1, Math.ceil((Date.parse(resetsAt) - Date.now()) / 1000))
      : again || undefined
  if (seconds !== undefined) headers['retry-after'] = String(seconds)
  if (resetsAt !== undefined) headers['x-clinvk-resets-at'] = resetsAt
  const isSoon = code === 'rate_limit' && seconds !== undefined && seconds < 60
  // Official clients send a request three times on most errors, whether or not it was a POST.
  if (!isSoon && (hasStarted || again === false)) headers['x-should-retry'] = 'false'
  if (code === 'token') headers['www-authenticate'] = 'Bearer'
  if (code === 'shutdown' || code === 'slow_body') headers.connection = 'close'
  const isTold = resetsAt === undefined || known.message.includes(resetsAt)
  const message = isTold ? known.message : `${known.message} Until ${resetsAt}.`
  const whole = [message, ...hints].join(' ')
  const body = /^\/(?:anthropic|v1\/messages)(?:\/|$)/.test(path)
    ? {type: 'error', error: {type: anthropic, message: whole}}
    : /^\/(?:openai|v1)(?:\/|$)/.test(path)
      ? {error: {message: whole, type, param, code: known.vendorCode ?? name}}
      : {error: {code, kind, message, hints}}
  return {status, headers, body}
}

/**
 * HTTP status; type and code of OpenAI; type of Anthropic; whether a client may try again: false says never, a number
 * after so many seconds. (Kinds of one row differ in nothing that a client could act on.)
 */
type Row = readonly [status: number, type: string, code: string, anthropic: string, again?: false | number]

const INVALID = 'invalid_request_error'

// prettier-ignore
const TABLE = {
  // Before anything was started.
  token:           [401, INVALID, 'invalid_api_key', 'authentication_error', false],
  locked_out:      [429, 'rate_limit_exceeded', 'too_many_failures', 'rate_limit_error', 60],
  host:            [421, INVALID, 'host_not_allowed', INVALID, false],
  origin:          [403, 'permission_denied', 'origin_not_allowed', 'permission_error', false],
  not_found:       [404, INVALID, 'not_found', 'not_found_error', false],
  method:          [405, INVALID, 'method_not_allowed', INVALID, false],
  media_type:      [415, INVALID, 'unsupported_media_type', INVALID, false],
  too_large:       [413, INVALID, 'request_too_large', 'request_too_large', false],
  slow_body:       [408, INVALID, 'request_timeout', INVALID, false],
  body:            [400, INVALID, 'invalid_body', INVALID, false],
  usage:           [400, INVALID, 'invalid_request', INVALID, false],
  config:          [400, INVALID, 'invalid_request', INVALID, false],
  refused:         [400, INVALID, 'unsupported_option', INVALID, false],
  ceiling:         [403, 'permission_denied', 'permission_denied', 'permission_error', false],
  backend_unknown: [404, INVALID, 'model_not_found', 'not_found_error', false],
  session:         [404, INVALID, 'session_not_found', 'not_found_error', false],
  session_busy:    [409, INVALID, 'session_busy', INVALID, false],
  session_gone:    [410, INVALID, 'session_gone', 'not_found_error', false],
  busy:            [429, 'rate_limit_exceeded', 'server_busy', 'rate_limit_error', 5],
  shutdown:        [503, 'server_error', 'shutting_down', 'overloaded_error'],
  // Of the turn.
  unavailable:     [503, 'server_error', 'backend_unavailable', 'api_error', false],
  auth:            [503, 'server_error', 'agent_not_signed_in', 'api_error', false],
  rate_limit:      [429, 'rate_limit_exceeded', 'rate_limit_exceeded', 'rate_limit_error', false],
  timeout:         [504, 'server_error', 'timeout', 'timeout_error', false],
  idle_timeout:    [504, 'server_error', 'timeout', 'timeout_error', false],
  limit:           [200, 'server_error', 'limit', 'api_error', false],
  schema:          [502, 'server_error', 'answer_does_not_fit', 'api_error', false],
  agent:           [502, 'server_error', 'agent_failed', 'api_error', false],
  internal:        [500, 'server_error', 'internal_error', 'api_error', false],
  server:          [500, 'server_error', 'internal_error', 'api_error', false],
  cancelled:       [499, 'server_error', 'cancelled', 'api_error', false],
} satisfies Readonly<Record<FailureKind, Row> & Record<string, Row>>
