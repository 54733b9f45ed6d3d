import {Failure} from '../errors/failure.js'
import {MILLISECONDS} from './time.js'

/**
 * Milliseconds of an age as users type it: `30d`, `12h`, `45m`, `2w`; a number
 * alone is days. Throws a Failure that names `flag` for anything else, and for 0.
 */
export function parseAge(text: string, flag: string): number {
  const ms = millisecondsOf(text)
  if (ms > 0) return ms
  throw new Failure('usage', `${flag} ${text || '""'} is not an age.`, [
    'Write 30d, 12h, 45m or 2w; a number alone is days. It must be more than 0.',
  ])
}

/** The time that `--since` means: so long ago, or a date (ISO 8601; without a zone in local time). */
export function parseTime(text: string, flag: string): Date {
  const age = millisecondsOf(text)
  if (age > 0) return new Date(Date.now() - age)
  // A date alone would be read as midnight in UTC.
  const time = new Date(text.length === 10 ? `${text}T00:00` : text)
  // JavaScript takes 30 February for 2 March.
  const day = new Date(`${text.slice(0, 10)}T00:00Z`)
  const isTime = !Number.isNaN(time.getTime()) && !Number.isNaN(day.getTime())
  if (isTime && /^\d{4}-\d\d-\d\d/.test(text) && text.startsWith(day.toISOString().slice(0, 10))) return time
  throw new Failure('usage', `${flag} ${text} is neither a date nor an age.`, [
    'Write 2026-01-31 or 2026-01-31T09:30, or 7d, 12h, 45m or 2w.',
  ])
}

/** NaN for what is no age. */
function millisecondsOf(text: string): number {
  const [, amount, unit] = /^(\d{1,6})([mhdw]?)$/.exec(text.trim()) ?? []
  return Number(amount) * MILLISECONDS[unit || 'd']!
}
