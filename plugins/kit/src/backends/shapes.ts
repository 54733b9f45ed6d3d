import {oneLine} from '../format/one-line.js'

/** One line that a terminal shows as it is: no control characters, nothing that turns the direction. */
export function isText(value: unknown): value is string {
  return (
    typeof value === 'string' && value.trim() !== '' && value.length <= LONGEST && !UNPRINTABLE.test(value)
  )
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A value for a sentence: short, on one line. */
export function quoted(value: unknown): string {
  if (isRecord(value) || Array.isArray(value)) return Array.isArray(value) ? '[…]' : '{…}'
  const text = typeof value === 'string' ? oneLine(JSON.stringify(value)) : String(value)
  return text.length > 60 ? `${text.slice(0, 59)}…` : text
}

const LONGEST = 2000
const UNPRINTABLE = /[\u0000-\u001F\u007F-\u009F\u2028\u2029\u200E\u200F\u202A-\u202E\u2066-\u2069]/
