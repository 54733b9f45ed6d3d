import type {Json, JsonSchema} from 'clinvk-contract'

export interface SchemaSubset {
  /** Words of JSON Schema that the agent, or the API behind it, knows. */
  readonly keywords: ReadonlySet<string>
  /** Where `format` is one of the keywords. */
  readonly formats?: ReadonlySet<Json>
  /** What else must hold for each schema inside, and for the whole. */
  fits?(schema: JsonSchema): boolean
}

/** Whether an agent that knows only a part of JSON Schema can be given this one: all that stands in it is of that part. */
export function isInSubset(schema: Json | undefined, subset: SchemaSubset): boolean {
  if (typeof schema === 'boolean') return true
  if (!isObject(schema)) return false
  const {$schema: _, ...words} = schema
  if (subset.fits?.(schema) === false) return false
  return Object.entries(words).every(
    ([keyword, value]) =>
      subset.keywords.has(keyword) &&
      (keyword !== 'format' || subset.formats?.has(value) === true) &&
      schemasIn(keyword, value).every((inside) => isInSubset(inside, subset)),
  )
}

/** The schemas in the value of a keyword; in other values anything may stand. */
function schemasIn(keyword: string, value: Json): readonly Json[] {
  if (NAMED.has(keyword) && isObject(value)) return Object.values(value)
  if (!INSIDE.has(keyword)) return []
  return Array.isArray(value) ? (value as readonly Json[]) : [value]
}

export function isObject(value: Json | undefined): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const NAMED = new Set(['properties', 'patternProperties', '$defs', 'definitions'])
const INSIDE = new Set([
  'items', 'additionalItems', 'contains', 'additionalProperties', 'propertyNames', 'allOf', 'anyOf', 'oneOf', 'not',
  'if', 'then', 'else',
]) // prettier-ignore
