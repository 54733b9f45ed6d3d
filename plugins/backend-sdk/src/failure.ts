import type {AgentExit, Verdict} from 'clinvk-contract'

/**
 * The verdict on a failed turn: by the HTTP status of the model where it is told, else by words with which agents and
 * servers tell of a limit or a missing sign-in.
 */
export function failed(message: string, status?: number, resetsAt?: string): Verdict {
  const byWords = status === undefined || status < 500
  if (status === 401 || status === 403) return {outcome: 'auth', message}
  if (status === 402 || status === 429 || (byWords && LIMITED.test(message)))
    return {outcome: 'rate_limit', message, resetsAt: resetsAt ?? resetTime(message, new Date())}
  return {outcome: byWords && SIGNED_OUT.test(message) ? 'auth' : 'failed', message}
}

const LIMITED =
  /\b(?:usage|rate)[ _-]?limit(?:s|ed|ing)?\b|\b(?:hit|reached) your (?:[\w.-]+ ){0,3}limit|\b(?:session|daily|weekly|monthly|hour|opus|sonnet|spend|credit) limit\b|\bquota|\bout of (?:extra usage|(?:\w+ )?credits)|credit balance|insufficient (?:credits|balance|funds)|too many requests|resource (?:has been )?exhausted|exhausted your (?:capacity|daily)|free usage exceeded|billing_error|\b429\b/i
const SIGNED_OUT =
  /\bnot (?:logged|signed) in\b|\b(?:log|sign) in again|run \/?(?:log|auth)|codex login|set an auth method|(?:failed to|please) (?:log ?in|sign ?in|authenticate)|(?:invalid|incorrect) (?:x-)?(?:api[ -]?key|authentication|bearer)|api[ _-]?key (?:is )?(?:not valid|not found|invalid|expired|missing)|missing (?:environment variable|bearer)|could not be refreshed|\b(?:token|session|credentials|login) (?:has |have |is )?(?:expired|(?:been )?revoked)|authentication[_ ](?:error|failed|required)|unauthenticated|\b401 unauthorized|login required|invalid_grant/i

/**
 * When a limit ends (ISO 8601), from an agent's own words; undefined where they do not tell. A clock time without seconds
 * is the end of its minute; where that has passed up to two minutes ago it is over, and does not mean tomorrow.
 */
export function resetTime(text: string, now: Date): string | undefined {
  const [, seconds] = /\|(\d{10})\b/.exec(text) ?? []
  if (seconds !== undefined) return new Date(Number(seconds) * 1000).toISOString()
  const [, span] = SPAN.exec(text) ?? []
  if (span !== undefined) {
    const parts = [...span.matchAll(/([\d.]+)\s*(ms|[smhdw])/gi)]
    const ms = parts.map(([, amount, unit = '']) => Number(amount) * UNITS[unit.toLowerCase()]!)
    return new Date(now.getTime() + ms.reduce((total, part) => total + part, 0)).toISOString()
  }

  const told = [...text.matchAll(TIME)].find((match) => match[2] ?? match[5])
  const [, weekday, month, day, year, hour, minute = 0, half = '', zone] = told ?? []
  const shown = told && clockOf(zone)
  if (!shown) return undefined
  const clock = new Date(shown(now.getTime()))
  const at = new Date(clock)
  if (month !== undefined)
    at.setUTCFullYear(Number(year ?? clock.getUTCFullYear()), indexIn(MONTHS, month), Number(day))
  else if (weekday !== undefined)
    at.setUTCDate(clock.getUTCDate() + ((indexIn(WEEKDAYS, weekday) - clock.getUTCDay() + 7) % 7))
  at.setUTCHours(
    hour === undefined ? 0 : (Number(hour) % 12) + (/p/i.test(half) ? 12 : 0),
    Number(minute) + (hour === undefined ? 0 : 1),
    0,
    0,
  )
  if (at.getTime() < clock.getTime() - JUST_PASSED && year === undefined) {
    if (month !== undefined) at.setUTCFullYear(at.getUTCFullYear() + 1)
    else at.setUTCDate(at.getUTCDate() + (weekday === undefined ? 1 : 7))
  }

  const offset = (ms: number) => shown(ms) - ms
  const wall = at.getTime()
  return new Date(wall - offset(wall - offset(wall))).toISOString()
}

/** What a clock there shows at a time, as if it were UTC; local without a zone, undefined where there is no such zone. */
function clockOf(zone: string | undefined): ((ms: number) => number) | undefined {
  if (zone === undefined) return (ms) => ms - new Date(ms).getTimezoneOffset() * 60_000
  try {
    const format = new Intl.DateTimeFormat('sv-SE', {timeZone: zone, dateStyle: 'short', timeStyle: 'medium'})
    return (ms) => Date.parse(`${format.format(ms)}Z`)
  } catch {
    return undefined
  }
}

const JUST_PASSED = 120_000
const indexIn = (names: readonly string[], name: string) => names.indexOf(name.slice(0, 3).toLowerCase())

/** `try again in 5 days 22 hours`, `will reset after 18h33m25s`, `Please retry in 41.5s`, `"retryDelay": "34.1s"`. */
const SPAN =
  /(?:\b(?:again|retry(?:ing)?|resets?) (?:in|after) ~?|retryDelay\W{1,6})((?:\d+(?:\.\d+)?\s*(?:ms|[smhdw]|sec|min|hr|second|minute|hour|day|week)s?(?![a-z])[\s,]*(?:and )?)+)/i
const UNITS: Record<string, number> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}
/** `try again at Nov 24th, 2026 3:06 PM`, `resets Oct 3, 4pm (Europe/Berlin)`, `resets Sunday 12:00am`. */
const TIME =
  /\b(?:again|resets?)(?: (?:at|after|on|by))? (?:(sun|mon|tue|wed|thu|fri|sat)[a-z]*,? ?)?(?:(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]* (\d{1,2})(?:st|nd|rd|th)?(?:,? (\d{4}))?,? ?)?(?:(?:at )?(\d{1,2})(?::(\d\d))? ?([ap])\.?m\b\.?(?: \(([\w/+-]+)\))?)?/gi
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

export interface AgentError {
  /** HTTP status, where it is told. */
  readonly status?: number
  /** For people. */
  readonly message: string
}

/** Reads an error that is told as JSON, maybe in a list or as JSON within JSON; any other text is the message itself. */
export function readError(text: string): AgentError {
  const json = parseJson(text)
  const told: unknown = Array.isArray(json) ? json[0] : json
  const {error = told} = Object(told) as {error?: unknown}
  if (typeof error === 'string') return readError(error)
  const {code, message, status} = Object(error) as Readonly<Record<string, unknown>>
  const words = [message, status].find((words) => typeof words === 'string' && words !== '')
  if (typeof words !== 'string') return {message: text}
  const deeper = readError(words)
  const isPlain = deeper.message === words
  if (typeof code !== 'number') return deeper
  return {status: code, message: isPlain ? `${code} ${words}` : deeper.message}
}

function parseJson(text: string): unknown {
  try {
    return /^\s*[{[]/.test(text) ? JSON.parse(text) : undefined
  } catch {
    return undefined
  }
}

/** What an agent said at its end, for people: an error that it printed as JSON, or else its last five lines without colours, empty lines and noise. */
export function lastWords(text: string, noise?: RegExp): string {
  const plain = text.replaceAll(/\u001B\[[\d;]*m/g, '')
  for (const {index} of [...plain.matchAll(/^(?=[{[])/gm)].reverse()) {
    // As one document, or as a line.
    for (const end of [undefined, plain.indexOf('\n', index)]) {
      const json = plain.slice(index, end === -1 ? undefined : end)
      const {message} = readError(json)
      if (message !== json) return message
    }
  }

  const lines = plain.split('\n').filter((line) => line.trim() !== '' && !noise?.test(line))
  return lines.slice(-5).join('\n')
}

/** How an agent ended that told no result: with these words, if with any. */
export function endedEarly(agent: string, {code, signal}: AgentExit, said: string): string {
  const how = signal === undefined ? `with exit code ${code ?? 'unknown'}` : `by signal ${signal}`
  return said === '' ? `${agent} ended ${how} before its result.` : `${agent} ended ${how}: ${said}`
}
