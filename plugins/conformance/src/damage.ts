/** Lines that no agent prints, and that a backend cannot know. */
export const UNKNOWN_LINES: readonly string[] = [
  '{"type":"clinvk.conformance.unknown","subtype":"new in the next version","data":{"id":"1","text":"unknown"}}',
  'Warning: this is no JSON at all {"type":',
  '["a","list"]',
  '"a text"',
  'null',
  '4711',
  '{"kind":"an object without a type"}',
]

/** A line of an agent as it may look one day: cut off, without its fields, with nulls in their place. */
export function damagedLines(line: string): string[] {
  const halves = [line.slice(0, Math.floor(line.length / 2)), line.slice(0, -1), line.slice(1)]
  const message = parse(line)
  if (message === undefined) return halves
  return [
    ...halves,
    JSON.stringify(stripped(message, 0, 1)),
    JSON.stringify(stripped(message, 0, 2)),
    ...Object.keys(message)
      .filter((key) => !NAMES.has(key))
      .flatMap((key) => [null, 4711, {}].map((value) => JSON.stringify({...message, [key]: value}))),
  ]
}

/** After how many lines an agent may break off: everywhere, or at most so many places of a long run. */
export function cutPlaces(lines: number): number[] {
  const all = Array.from({length: lines + 1}, (_none, index) => index)
  return lines <= MOST
    ? all
    : all.filter((place) => place % Math.ceil(lines / MOST) === 0 || place > lines - 5)
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** Of an object, what tells its kind; the objects in it, down to `depth`, keep theirs. */
function stripped(value: Record<string, unknown>, level: number, depth: number): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, part]) => {
      if (NAMES.has(key)) return [[key, part]]
      return isObject(part) && level + 1 < depth ? [[key, stripped(part, level + 1, depth)]] : []
    }),
  )
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const NAMES: ReadonlySet<string> = new Set(['type', 'subtype', 'kind', 'role', 'status'])
const MOST = 40
