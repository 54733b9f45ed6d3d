/**
 * What an agent's line of JSON says, without the fields that are of another type
 * than in `shape`: agents change, and a field that became something else is as good
 * as missing. Undefined for a line that is not such JSON.
 *
 * A shape is an example: `''`, `0`, `true`, `[example]`, `{name: example}`,
 * `{'*': example}` for any name; null allows anything. Unknown fields are kept.
 * A list with an invalid element makes the line invalid, so that nothing of it is lost.
 */
export function parseLine(line: string, shape: Shape): unknown {
  try {
    return valid(JSON.parse(line), shape)
  } catch {
    return undefined
  }
}

export type Shape = string | number | boolean | null | readonly [Shape] | {readonly [name: string]: Shape}

/** A JSON object; an empty one where the text is something else. */
export function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && !Array.isArray(value) ? {...value} : {}
  } catch {
    return {}
  }
}

/** The lines of a file of JSON lines; a torn one, as a killed agent leaves it, is skipped. */
export function parseLines<T>(text: string, isUsed: (line: string) => boolean): T[] {
  // A long conversation has megabytes, most of it in lines of other types: those are not parsed.
  return text.split('\n').flatMap((line) => {
    if (!isUsed(line)) return []
    try {
      return [JSON.parse(line) as T]
    } catch {
      return []
    }
  })
}

/** Changes the value itself, and nothing where it fits: most lines do, and that makes this fast. */
function valid(value: unknown, shape: Shape): unknown {
  if (shape === null) return value
  if (value === null || typeof value !== typeof shape || Array.isArray(value) !== Array.isArray(shape))
    return undefined
  if (isList(shape)) {
    return (value as unknown[]).map((part) => {
      const fits = valid(part, shape[0])
      if (fits === undefined) throw new TypeError('The list has an element of another type.')
      return fits
    })
  }

  if (typeof shape !== 'object') return value
  const fields = value as Record<string, unknown>
  for (const name in fields) {
    const fits = valid(fields[name], shape[name] ?? shape['*'] ?? null)
    if (fits === undefined) Reflect.deleteProperty(fields, name)
    else if (fits !== fields[name]) fields[name] = fits
  }

  return fields
}

function isList(shape: Shape): shape is readonly [Shape] {
  return Array.isArray(shape)
}
