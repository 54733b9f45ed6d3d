/**
 * An example of what an agent prints: `''`, `0`, `true`, `[example]`, `{name: example}`,
 * `{'*': example}` for any name; null allows anything.
 */
export type Shape = string | number | boolean | null | readonly [Shape] | {readonly [name: string]: Shape}

/** What a value of this shape is. Each field may be missing: agents change, and that must not break a turn. */
export type Parsed<S> = S extends string
  ? string
  : S extends number
    ? number
    : S extends boolean
      ? boolean
      : S extends null
        ? unknown
        : S extends readonly [infer Element]
          ? Parsed<Element>[]
          : S extends {readonly '*': infer Value}
            ? Record<string, Parsed<Value>>
            : {-readonly [Name in keyof S]?: Parsed<S[Name]>}

/**
 * A line of JSON without the fields that are of another type than in `shape`; unknown
 * ones are kept. Undefined for a line that is not such JSON, or whose lists have an
 * element of another type, so that nothing of it is lost.
 */
export function parseLine<S extends Shape>(line: string, shape: S): Parsed<S> | undefined {
  try {
    return valid(JSON.parse(line), shape) as Parsed<S> | undefined
  } catch {
    return undefined
  }
}

/** The elements of a list that are of this shape, as `parseLine` takes them; none of what is no list. */
export function parseList<S extends Shape>(list: unknown, shape: S): Parsed<S>[] {
  return (Array.isArray(list) ? list : []).flatMap((part: unknown) => {
    const fits = valid(part, shape)
    return fits === undefined ? [] : [fits as Parsed<S>]
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
    const field = fields[name]
    const wanted = shape[name] ?? shape['*'] ?? null
    // Most fields are texts.
    if (wanted === null || (typeof field === 'string' && typeof wanted === 'string')) continue
    const fits = valid(field, wanted)
    if (fits === undefined) Reflect.deleteProperty(fields, name)
    else if (fits !== field) fields[name] = fits
  }

  return fields
}

function isList(shape: Shape): shape is readonly [Shape] {
  return Array.isArray(shape)
}
