/** A text, or milliseconds since 1970, as ISO 8601; undefined where the value is no time. */
export function timeOf(value: unknown): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined
  const time = new Date(value)
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString()
}

/** A whole number from 0 on; undefined for any other value. */
export function countOf(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined
}

/** A text itself, any other value as JSON. */
export function asText(value: unknown): string {
  if (typeof value === 'string') return value
  try {
    return value === undefined ? '' : JSON.stringify(value)
  } catch {
    // Nested too deep.
    return ''
  }
}

/** The input of a tool; undefined for one that is nested so deep that JSON could not be made of it again. */
export function inputOf(value: unknown, depth = 100): unknown {
  const fits = (part: unknown, left: number): boolean =>
    typeof part !== 'object' ||
    part === null ||
    (left > 0 && Object.values(part).every((inner) => fits(inner, left - 1)))
  return fits(value, depth) ? value : undefined
}

/** The times of the lines of a record: a line without one has that of the line before it. */
export class LineTimes {
  /** ISO 8601. */
  at = new Date(0).toISOString()
  /** Milliseconds since 1970. */
  time = 0

  read(timestamp = ''): this {
    const time = Date.parse(timestamp)
    if (Number.isNaN(time)) return this
    this.time = time
    this.at = ISO.test(timestamp) ? timestamp : new Date(time).toISOString()
    return this
  }
}

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

/**
 * The values of a conversation, and those of its sub-agents where their time comes (ISO 8601, '' for none), each in its
 * order. Sub-agents are read twice up to their first value, and open only while their time lasts: there may be hundreds.
 */
export async function* interleaved<T>(
  main: AsyncIterable<T> | Iterable<T>,
  subAgents: readonly (() => AsyncGenerator<T>)[],
  timeOf: (value: T) => string,
): AsyncGenerator<T> {
  if (subAgents.length === 0) {
    yield* main
    return
  }

  const waiting: {start: string; open: () => AsyncGenerator<T>}[] = []
  for (const open of subAgents) {
    for await (const first of open()) {
      waiting.push({start: timeOf(first), open})
      break
    }
  }

  waiting.sort((a, b) => (a.start < b.start ? -1 : 1))
  const next = new Map<AsyncGenerator<T>, T>()
  const advance = async (one: AsyncGenerator<T>) => {
    const step = await one.next()
    if (step.done) next.delete(one)
    else next.set(one, step.value)
  }
  const until = async function* (end: string) {
    for (;;) {
      while (waiting[0] && waiting[0].start < end) await advance(waiting.shift()!.open())
      let [first, time] = [undefined as readonly [AsyncGenerator<T>, T] | undefined, end]
      for (const one of next) if (timeOf(one[1]) < time) [first, time] = [one, timeOf(one[1])]
      if (!first) return
      yield first[1]
      await advance(first[0])
    }
  }

  try {
    for await (const value of main) {
      yield* until(timeOf(value))
      yield value
    }

    yield* until(AFTER_ALL_TIMES)
  } finally {
    for (const one of next.keys()) await one.return(undefined)
  }
}

const AFTER_ALL_TIMES = '~'
