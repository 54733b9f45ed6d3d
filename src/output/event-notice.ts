import type {TurnEvent} from 'clinvk-contract'
import {formatDuration} from 'clinvk-kit/format/time'

/** What people are told of an event beside the answer; undefined where that is nothing. */
export function eventNotice(event: TurnEvent, agent: string): string | undefined {
  switch (event.type) {
    case 'retry': {
      const {attempt, delay_seconds: delay, max_attempts: most, message} = event
      const count = most === undefined ? String(attempt) : `${attempt} of ${most}`
      const when = delay === undefined ? '' : ` in ${formatDuration(delay * 1000)}`
      return `${agent} tries again${when} (${count}): ${message}`
    }

    case 'rate_limit':
      return event.resets_at === undefined ? event.message : `${event.message} It ends at ${event.resets_at}.`
    case 'notice':
      return event.message
    case 'error':
      return `${agent} reports: ${event.message}`
    default:
      return undefined
  }
}
