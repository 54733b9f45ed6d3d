import {globalRegistry, type core} from 'zod/mini'

export type Schema = core.$ZodType

/** One setting, as the schema has it. */
export interface Setting {
  /** `['session', 'auto_resume']`. */
  readonly path: readonly string[]
  readonly kind: Kind
  /** What it takes, for people: `true, false`, `a whole number, 0 or more`. */
  readonly allowed: string
  readonly choices?: readonly string[]
  /** Undefined: not set, so the agent decides. */
  readonly default?: unknown
  readonly description: string
}

export type Kind = 'text' | 'choice' | 'switch' | 'count' | 'list' | 'any' | 'section'

/** The setting or section at a path; undefined when there is none. */
export function settingAt(path: readonly string[], schema: Schema): Setting | undefined {
  const found = schemaAt(path, schema)
  return found && settingOf(found, path)
}

/** Every setting with a fixed name, in the order of the schema; those of backends once for each installed one. */
export function namedSettings(schema: Schema, path: readonly string[] = []): Setting[] {
  const keys = keysOf(schema)
  const {kind} = settingOf(schema)
  if (kind !== 'section') return [settingOf(schema, path)]
  return keys.flatMap((key) => namedSettings(childOf(schema, key)!, [...path, key]))
}

export function schemaAt(path: readonly PropertyKey[], schema: Schema): Schema | undefined {
  return path.reduce<Schema | undefined>((at, key) => at && childOf(at, String(key)), schema)
}

/** What may stand below `key`; undefined when no such key is known. */
export function childOf(schema: Schema, key: string): Schema | undefined {
  const inner = definitionOf(schema)
  if (inner.type === 'unknown') return schema
  if (inner.type === 'record') return inner.valueType
  if (inner.type !== 'object') return undefined
  if (Object.hasOwn(inner.shape, key)) return inner.shape[key]
  return inner.catchall && definitionOf(inner.catchall).type !== 'never' ? inner.catchall : undefined
}

/** The fixed keys of a section. */
export function keysOf(schema: Schema): string[] {
  const inner = definitionOf(schema)
  return inner.type === 'object' ? Object.keys(inner.shape) : []
}

export function settingOf(schema: Schema, path: readonly string[] = []): Setting {
  const {def} = (schema as core.$ZodTypes)._zod
  const {description = ''} = globalRegistry.get(schema) ?? {}
  return {
    path,
    ...kindOf(schema),
    default: def.type === 'default' ? def.defaultValue : undefined,
    description,
  }
}

function kindOf(schema: Schema): Pick<Setting, 'kind' | 'allowed' | 'choices'> {
  const inner = definitionOf(schema)
  switch (inner.type) {
    case 'object':
    case 'record':
      return {kind: 'section', allowed: 'keys with values'}
    case 'enum': {
      const choices = Object.values(inner.entries).map(String)
      return {kind: 'choice', allowed: choices.join(', '), choices}
    }

    case 'boolean':
      return {kind: 'switch', allowed: 'true, false', choices: ['true', 'false']}
    case 'number':
      return {kind: 'count', allowed: range(schema)}
    case 'array':
      return {kind: 'list', allowed: 'a list of texts'}
    case 'string':
      return {kind: 'text', allowed: 'text'}
    default:
      return {kind: 'any', allowed: 'anything'}
  }
}

function range(schema: Schema): string {
  const limits = new Map(
    (definitionOf(schema).checks ?? []).map((check) => {
      const {check: name, value} = check._zod.def as {check: string; value?: number}
      return [name, value]
    }),
  )
  const [from = 0, to] = [limits.get('greater_than'), limits.get('less_than')]
  return to === undefined ? `a whole number, ${from} or more` : `a whole number from ${from} to ${to}`
}

function definitionOf(schema: Schema): core.$ZodTypes['_zod']['def'] {
  return unwrapped(schema)._zod.def
}

function unwrapped(schema: Schema): core.$ZodTypes {
  const {def} = (schema as core.$ZodTypes)._zod
  return def.type === 'default' || def.type === 'prefault' || def.type === 'optional'
    ? unwrapped(def.innerType)
    : (schema as core.$ZodTypes)
}
