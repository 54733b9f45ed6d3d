import {isRecord} from 'clinvk-kit/format/is-record'

/** Lines that no backend can know. */
export const UNKNOWN_LINES: readonly string[] = [
  '{"type":"clinvk.conformance.unknown","subtype":"new in the next version","data":{"id":"1","text":"unknown"}}',
  'Warning: this is no JSON at all {"type":',
  '["a","list"]',
  '"a text"',
  'null',
  '4711',
  '{"kind":"an object without a type"}',
]

export const HUGE_LINE = `{"type":"clinvk.conformance.unknown","text":"${'a'.repeat(2_000_000)}"}`

/** A line of an agent as a later version may print it: cut off, without fields, with fields of another type. */
export function damagedLines(line: string): string[] {
  const parts = [line.slice(0, Math.floor(line.length / 2)), line.slice(0, -1), line.slice(1)]
  let message: unknown
  try {
    message = JSON.parse(line)
  } catch {
    return parts
  }

  if (!isRecord(message)) return parts
  const fields = Object.keys(message).filter((key) => !KEPT.has(key))
  const changed = fields.flatMap((key) => [null, 4711, {}].map((value) => ({...message, [key]: value})))
  const reduced = [withoutFields(message, 1), withoutFields(message, 2)]
  return [...parts, ...[...reduced, ...changed].map((one) => JSON.stringify(one))]
}

/** Keeps the fields that tell what an object is, and the objects in it down to `depth`. */
function withoutFields(value: Record<string, unknown>, depth: number): Record<string, unknown> {
  const kept = Object.entries(value).flatMap(([key, part]): [string, unknown][] => {
    if (KEPT.has(key)) return [[key, part]]
    return isRecord(part) && depth > 1 ? [[key, withoutFields(part, depth - 1)]] : []
  })
  return Object.fromEntries(kept)
}

/** After how many of its lines an agent may end: all places of a short run, some of a long one. */
export function cutPlaces(lines: number): number[] {
  const step = Math.ceil((lines + 1) / MAX_PLACES)
  return Array.from({length: lines + 1}, (_, index) => index).filter(
    (place) => place % step === 0 || place > lines - 5,
  )
}

const KEPT: ReadonlySet<string> = new Set(['type', 'subtype', 'kind', 'role', 'status'])
const MAX_PLACES = 41
