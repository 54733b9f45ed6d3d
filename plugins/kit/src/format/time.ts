/**
 * Milliseconds of a duration as users type it: `90` and `90s`, `500ms`, `10m`, `1h30m`, `30d`, `2w`; at least 1, but 0
 * for `0`. Undefined when the text is no duration.
 */
export function parseDuration(text: string): number | undefined {
  const parts = /^\d+(\.\d+)?$/.test(text) ? `${text}s` : text
  if (!/^(\d+(\.\d+)?(ms|[smhdw]))+$/.test(parts)) return undefined
  let ms = 0
  for (const [, amount, unit] of parts.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdw])/g))
    ms += Number(amount) * MILLISECONDS[unit!]!
  return Math.min(Math.ceil(ms), LONGEST_TIMER_MS)
}

/** A duration for people: `0.4s`, `12s`, `3m 05s`, `1h 02m`. */
export function formatDuration(ms: number): string {
  if (ms < 10_000) return `${(Math.floor(ms / 100) / 10).toFixed(1)}s`
  const seconds = Math.floor(ms / 1000)
  const twoDigits = (value: number) => String(Math.floor(value)).padStart(2, '0')
  if (seconds < 60) return `${seconds}s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${twoDigits(seconds % 60)}s`
  return `${Math.floor(seconds / 3600)}h ${twoDigits((seconds % 3600) / 60)}m`
}

/** An ISO 8601 time as the clock on the wall shows it: `2026-11-28 18:05`; what is no time stays as it is. */
export function localTime(iso: string): string {
  const time = new Date(iso)
  if (Number.isNaN(time.getTime())) return iso
  const local = new Date(time.getTime() - time.getTimezoneOffset() * MILLISECONDS.m!)
  return local.toISOString().slice(0, 16).replace('T', ' ')
}

/** How long ago: `just now`, `5 minutes ago`, `1 day ago`; `in the future` where that is more than clocks differ. */
export function relativeTime(then: Date, now: Date): string {
  const seconds = (now.getTime() - then.getTime()) / 1000
  if (seconds < -CLOCKS_DIFFER) return 'in the future'
  const [unit, length] = UNITS.find(([, size]) => seconds >= size) ?? []
  if (length === undefined) return 'just now'
  const count = Math.floor(seconds / length)
  return `${count} ${unit}${count === 1 ? '' : 's'} ago`
}

/** Milliseconds by a clock that nobody sets, from any beginning. Node's `performance` loads nine modules at its first use. */
export function monotonicMs(): number {
  return process.uptime() * 1000
}

/** Of each unit that users type. */
export const MILLISECONDS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}
/** Seconds. */
const CLOCKS_DIFFER = 120
/** Node's timers take at most 2^31 - 1 milliseconds, some 24 days; longer ones would fire at once. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1
const DAY = 86_400
const UNITS = [
  ['year', 365 * DAY],
  ['month', 30 * DAY],
  ['week', 7 * DAY],
  ['day', DAY],
  ['hour', 3600],
  ['minute', 60],
] as const
