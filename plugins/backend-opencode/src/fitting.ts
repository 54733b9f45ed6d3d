/**
 * A value of the agent without what is of another type than `shape` shows:
 * agents change, and a field that became something else is as good as missing.
 * A shape is an example: `''`, `0`, `true`, `[example]`, `{name: example}`,
 * `{'*': example}` for any name; null is anything. Unknown names are kept.
 * Throws for a list with something else in it: nothing may be lost of that.
 * The value itself is changed.
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
  const parts = value as Record<string, unknown>
  for (const name in parts) {
    const fits = fitting(parts[name], shape[name] ?? shape['*'] ?? null)
    // It fits as a rule: to change nothing then is what makes this fast.
    if (fits === undefined) Reflect.deleteProperty(parts, name)
    else if (fits !== parts[name]) parts[name] = fits
  }

  return parts
}

export type Shape = string | number | boolean | null | readonly [Shape] | {readonly [name: string]: Shape}

function isList(shape: Shape): shape is readonly [Shape] {
  return Array.isArray(shape)
}
