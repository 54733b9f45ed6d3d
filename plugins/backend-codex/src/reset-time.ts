/**
 * When a limit ends, from codex's own words: `try again at 3:06 PM.` (today,
 * local time), `try again at Nov 24th, 2026 3:06 PM.`, `try again in 1.5s`.
 */
export function resetTime(message: string, now: Date): string | undefined {
  const [, amount, unit] = /try again in (\d+(?:\.\d+)?) ?(ms|s|m|h|d)/i.exec(message) ?? []
  if (amount !== undefined) {
    return new Date(now.getTime() + Number(amount) * UNITS[unit!.toLowerCase()]!).toISOString()
  }

  const [, date, time] =
    /try again at (?:([A-Z][a-z]+ \d+(?:st|nd|rd|th), \d{4}) )?(\d{1,2}:\d\d [AP]M)/.exec(message) ?? []
  if (time === undefined) return undefined
  const day = date?.replace(/(\d)(?:st|nd|rd|th)/, '$1') ?? now.toDateString()
  const at = new Date(`${day} ${time}`)
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString()
}

const UNITS: Record<string, number> = {ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000}
