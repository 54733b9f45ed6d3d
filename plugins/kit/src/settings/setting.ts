import {globalRegistry, type core} from 'zod/mini'

export type Schema = core.$ZodType

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

export type Kind = 'text' | 'choice' | 'switch' | 'count' | 'number' | 'list' | 'any' | 'section'

/** Every setting with a fixed name, in the order of the schema; those of backends once for each installed one. */
export function namedSettings(schema: Schema, path: readonly string[] = []): Setting[] {
  const setting = settingOf(schema, path)
  if (setting.kind !== 'section') return [setting]
  return keysOf(schema).flatMap((key) => namedSettings(childOf(schema, key)!, [...path, key]))
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

export function keysOf(schema: Schema): string[] {
  const inner = definitionOf(schema)
  return inner.type === 'object' ? Object.keys(inner.shape) : []
}

export function settingOf(schema: Schema, path: readonly string[] = []): Setting {
  const {def} = (schema as core.$ZodTypes)._zod
  const value = def.type === 'default' ? def.defaultValue : undefined
  return {path, ...kindOf(schema), default: value, description: globalRegistry.get(schema)?.description ?? ''}
}

/**
 * The value that a text stands for: after `config set`, in a variable, or in quotes
 * as clinvoker wrote it. Undefined when it stands for none.
 */
export function parseValue(text: string, kind: Kind): unknown {
  switch (kind) {
    case 'switch':
      return ON.test(text) || (OFF.test(text) ? false : undefined)
    case 'count':
      return /^\s*\d{1,15}\s*$/.test(text) ? Number(text) : undefined
    case 'number':
      return /^\s*\d{1,15}(?:\.\d{1,15})?\s*$/.test(text) ? Number(text) : undefined
    case 'list':
      return /^\s*\[/.test(text) ? parsedJson(text) : text.split(',').flatMap((part) => part.trim() || [])
    case 'any':
      return parsedJson(text) ?? text
    case 'section':
      return undefined
    case 'choice':
    case 'text':
      return text
  }
}

function kindOf(schema: Schema): Pick<Setting, 'kind' | 'allowed' | 'choices'> {
  const inner = definitionOf(schema)
  switch (inner.type) {
    case 'object':
    case 'record':
      return {kind: 'section', allowed: 'keys with values'}
    case 'enum': {
      // Every backend refuses the approval mode `always`: nobody can be asked.
      const choices = Object.values(inner.entries)
        .map(String)
        .filter((choice) => choice !== 'always')
      return {kind: 'choice', allowed: choices.join(', '), choices}
    }

    case 'boolean':
      return {kind: 'switch', allowed: 'true, false', choices: ['true', 'false']}
    case 'number':
      if (!('format' in inner)) return {kind: 'number', allowed: 'a number, 0 or more'}
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
  const limits = (definitionOf(schema).checks ?? []).map(
    ({_zod: {def}}) => def as {check: string; value?: number},
  )
  const [from = 0, to] = ['greater_than', 'less_than'].map(
    (name) => limits.findLast(({check}) => check === name)?.value,
  )
  return to === undefined ? `a whole number, ${from} or more` : `a whole number from ${from} to ${to}`
}

/** Of the type itself, without its default. */
function definitionOf(schema: Schema): core.$ZodTypes['_zod']['def'] {
  const {def} = (schema as core.$ZodTypes)._zod
  return def.type === 'default' || def.type === 'prefault' || def.type === 'optional'
    ? definitionOf(def.innerType)
    : def
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const ON = /^\s*(?:true|yes|on|1)\s*$/i
const OFF = /^\s*(?:false|no|off|0)\s*$/i
