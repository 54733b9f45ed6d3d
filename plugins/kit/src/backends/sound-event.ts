import type {BackendEvent, Usage} from 'clinvk-contract'
import {isRecord, isText} from './shapes.js'

/** Whether something is an event of the contract. Runs for each of them, so it only looks at types. */
export function isSound(event: unknown): event is BackendEvent {
  if (!isRecord(event)) return false
  switch (event.type) {
    case 'text':
    case 'reasoning':
      return typeof event.text === 'string'
    case 'session':
      return (
        isText(event.backend_session_id) && isOptionalText(event.model) && isOptionalText(event.agent_version)
      )
    case 'tool_call':
      return (
        typeof event.id === 'string' && typeof event.name === 'string' && isOptional(event.target, 'string')
      )
    case 'tool_result':
      return (
        typeof event.id === 'string' &&
        typeof event.output === 'string' &&
        typeof event.is_error === 'boolean'
      )
    case 'usage':
      return isUsage(event.usage)
    case 'retry':
      return (
        typeof event.message === 'string' &&
        isCount(event.attempt) &&
        [event.max_attempts, event.delay_seconds, event.status].every(
          (value) => value === undefined || isCount(value),
        )
      )
    case 'rate_limit':
      return typeof event.message === 'string' && isOptional(event.resets_at, 'string')
    case 'notice':
    case 'error':
      return typeof event.message === 'string'
    case 'unparsed':
      return typeof event.line === 'string'
    case 'state':
      return isJson(event.state)
    case 'finished':
      return true
    default:
      return false
  }
}

/** Numbers from 0 on, or nothing: NaN in a session file would be null, and so on for ever. */
export function isUsage(usage: unknown): usage is Usage {
  if (!isRecord(usage)) return false
  const {models} = usage
  return (
    COUNTS.every((name) => usage[name] === undefined || isCount(usage[name])) &&
    (models === undefined ||
      (isRecord(models) &&
        Object.values(models).every((share) => isUsage(share) && share.models === undefined)))
  )
}

/** Whether it survives JSON. */
export function isJson(value: unknown): boolean {
  try {
    return typeof JSON.stringify(value) === 'string'
  } catch {
    return false
  }
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
}

function isOptional(value: unknown, type: 'string'): boolean {
  return value === undefined || typeof value === type
}

function isOptionalText(value: unknown): boolean {
  return value === undefined || isText(value)
}

const COUNTS = ['input_tokens', 'output_tokens', 'cached_tokens', 'reasoning_tokens', 'total_tokens'] as const
