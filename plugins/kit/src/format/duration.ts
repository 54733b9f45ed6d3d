/**
 * Milliseconds of a duration as users type it: `90` and `90s`, `500ms`, `10m`,
 * `1h`, `1h30m`. Undefined when it is none or not more than 0.
 */
export function parseDuration(text: string): number | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) return positive(Number(text) * 1000)
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text)) return undefined
  let total = 0
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g))
    total += Number(amount) * UNITS[unit!]!
  return positive(total)
}

/** A duration for people: `0.4s`, `12s`, `3m 05s`, `1h 02m`. */
export function formatDuration(ms: number): string {
  const seconds = ms / 1000
  if (seconds < 10) return `${(Math.floor(ms / 100) / 10).toFixed(1)}s`
  const whole = Math.floor(seconds)
  if (whole < 60) return `${whole}s`
  if (whole < 3600) return `${Math.floor(whole / 60)}m ${twoDigits(whole % 60)}s`
  return `${Math.floor(whole / 3600)}h ${twoDigits(Math.floor((whole % 3600) / 60))}m`
}

const UNITS: Record<string, number> = {ms: 1, s: 1000, m: 60_000, h: 3_600_000}

/** Timers take at most 2^31 - 1 milliseconds, some 24 days; longer ones would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

function positive(ms: number): number | undefined {
  const whole = Math.round(ms)
  return whole > 0 ? Math.min(whole, LONGEST_TIMER_MS) : undefined
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0')
}
