import {z} from 'zod'

/** One setting, as the schema has it. */
export interface Setting {
  /** `['session', 'auto_resume']`. */
  readonly path: readonly string[]
  readonly kind: Kind
  /** What it takes, for people: `true, false`, `a whole number from 0 on`. */
  readonly allowed: string
  readonly choices?: readonly string[]
  /** Absent: not set, which is the agent's own way. */
  readonly default?: unknown
  readonly description?: string
}

export type Kind = 'text' | 'choice' | 'switch' | 'count' | 'list' | 'any' | 'section'

/** The setting or section at a path; undefined when there is none. */
export function settingAt(path: readonly string[], schema: z.ZodType): Setting | undefined {
  const found = path.reduce<z.ZodType | undefined>((at, key) => at && childOf(at, key), schema)
  return found && settingOf(found, path)
}

/** Every setting that has a name of its own, in the order of the schema; those of backends once for each installed one. */
export function namedSettings(schema: z.ZodType, path: readonly string[] = []): Setting[] {
  const inner = unwrapped(schema)
  if (!(inner instanceof z.ZodObject)) return kindOf(inner) === 'section' ? [] : [settingOf(schema, path)]
  return Object.entries(inner.shape).flatMap(([key, child]) =>
    namedSettings(child as z.ZodType, [...path, key]),
  )
}

/** What may stand below `key`; undefined when no such key is known. */
export function childOf(schema: z.ZodType, key: string): z.ZodType | undefined {
  const inner = unwrapped(schema)
  if (inner instanceof z.ZodUnknown) return inner
  if (inner instanceof z.ZodRecord) return inner.valueType as z.ZodType
  if (!(inner instanceof z.ZodObject)) return undefined
  const {catchall} = inner.def
  const own = Object.hasOwn(inner.shape, key) ? (inner.shape[key] as z.ZodType) : undefined
  return own ?? (catchall && !(catchall instanceof z.ZodNever) ? (catchall as z.ZodType) : undefined)
}

/** The names of the keys that stand below, as far as they are fixed. */
export function keysOf(schema: z.ZodType): string[] {
  const inner = unwrapped(schema)
  return inner instanceof z.ZodObject ? Object.keys(inner.shape) : []
}

export function settingOf(schema: z.ZodType, path: readonly string[] = []): Setting {
  const inner = unwrapped(schema)
  const description = schema.description
  const choices = inner instanceof z.ZodEnum ? inner.options.map(String) : undefined
  return {
    path,
    kind: kindOf(inner),
    allowed: allowedBy(inner),
    ...(choices ? {choices} : {}),
    ...(schema instanceof z.ZodDefault ? {default: schema.def.defaultValue} : {}),
    ...(description === undefined ? {} : {description}),
  }
}

function kindOf(inner: z.ZodType): Kind {
  if (inner instanceof z.ZodObject || inner instanceof z.ZodRecord) return 'section'
  if (inner instanceof z.ZodEnum) return 'choice'
  if (inner instanceof z.ZodBoolean) return 'switch'
  if (inner instanceof z.ZodNumber) return 'count'
  if (inner instanceof z.ZodArray) return 'list'
  return inner instanceof z.ZodString ? 'text' : 'any'
}

function allowedBy(inner: z.ZodType): string {
  switch (kindOf(inner)) {
    case 'section':
      return 'keys with values'
    case 'choice':
      return (inner as z.ZodEnum).options.join(', ')
    case 'switch':
      return 'true, false'
    case 'count': {
      const {maxValue, minValue} = inner as z.ZodNumber
      const end = (maxValue ?? Infinity) < Number.MAX_SAFE_INTEGER ? `to ${maxValue!}` : 'on'
      return `a whole number from ${minValue ?? 0} ${end}`
    }

    case 'list':
      return 'a list of texts'
    case 'text':
      return 'a text'
    case 'any':
      return 'anything'
  }
}

function unwrapped(schema: z.ZodType): z.ZodType {
  let inner = schema
  while (inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault || inner instanceof z.ZodOptional)
    inner = inner.unwrap() as z.ZodType
  return inner
}
