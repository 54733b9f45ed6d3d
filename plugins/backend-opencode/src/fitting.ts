/**
 * A value of the agent without what is of another type than `shape` shows:
 * agents change, and a field that became something else is as good as missing.
 * A shape is an example: `''`, `0`, `true`, `[example]`, `{name: example}`,
 * `{'*': example}` for any name; null is anything. Unknown names are kept.
 * Throws for a list with something else in it: nothing may be lost of that.
 */
export function fitting(value: unknown, shape: Shape): unknown {
  if (shape === null) return value
  if (value === null || typeof value !== typeof shape || Array.isArray(value) !== Array.isArray(shape))
    return undefined
  if (isList(shape)) {
    const [example] = shape
    return (value as unknown[]).map((part) => {
      const fits = fitting(part, example)
      if (fits === undefined) throw new TypeError(`${JSON.stringify(part)} is not what the list holds`)
      return fits
    })
  }

  if (typeof shape !== 'object') return value
  return Object.fromEntries(
    Object.entries(value as object).flatMap(([name, part]: [string, unknown]) => {
      const fits = fitting(part, shape[name] ?? shape['*'] ?? null)
      return fits === undefined ? [] : [[name, fits]]
    }),
  )
}

export type Shape = string | number | boolean | null | readonly [Shape] | {readonly [name: string]: Shape}

function isList(shape: Shape): shape is readonly [Shape] {
  return Array.isArray(shape)
}
