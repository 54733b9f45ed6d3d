/** A JSON schema, as far as agents ask for one. */
export interface Schema {
  type?: string | string[]
  enum?: unknown[]
  properties?: Record<string, Schema>
  minimum?: number
}

/** The smallest value that a JSON schema allows. */
export function smallestValue(schema: Schema): unknown {
  if (schema.enum) return schema.enum[0]
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type
  switch ((type ?? (schema.properties ? 'object' : 'string')).toLowerCase()) {
    case 'object':
      return Object.fromEntries(
        Object.entries(schema.properties ?? {}).map(([name, property]) => [name, smallestValue(property)]),
      )
    case 'array':
      return []
    case 'number':
    case 'integer':
      return schema.minimum ?? 1
    case 'boolean':
      return false
    default:
      return 'simulated'
  }
}
