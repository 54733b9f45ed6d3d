import {z} from 'zod'
import {schemaFor, type BackendOptions} from './schema.js'
import {childOf, keysOf, namedSettings, settingOf, type Setting} from './setting.js'

/** The JSON Schema that editors check a settings file with. */
export function jsonSchema(backends: BackendOptions): object {
  return {
    title: 'Settings of clinvk',
    ...z.toJSONSchema(schemaFor(backends), {
      io: 'input',
      override({jsonSchema: schema}) {
        // A section of which nothing but comments is left is no error.
        if (schema.type === 'object') Object.assign(schema, {type: ['object', 'null']})
        if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum
        if (isEmpty(schema.default)) delete schema.default
      },
    }),
  }
}

/** The tables of `docs/reference/configuration.md`, in Markdown. */
export function referenceTables(backends: BackendOptions): string {
  const schema = schemaFor(new Map())
  const tables = keysOf(schema).map((key) => {
    const type = childOf(schema, key)!
    if (key === 'backends')
      return `### \`backends.<name>\`\n\n${type.description!}\n\n${table(ofBackends(schema))}${own(backends)}`
    if (settingOf(type).kind !== 'section') return `### \`${key}\`\n\n${table([settingOf(type, [key])])}`
    const settings = namedSettings(type, [key])
    return `### \`${key}\`\n\n${type.description!}\n${settings.length > 0 ? `\n${table(settings)}` : ''}`
  })
  return tables.join('\n')
}

/** What completion knows of settings without loading the schema: the text of `known-settings.ts`. */
export function knownSettingsModule(): string {
  const schema = schemaFor(new Map())
  const settings = keysOf(schema).flatMap((key) =>
    key === 'backends' ? ofBackends(schema) : namedSettings(childOf(schema, key)!, [key]),
  )
  const known = settings.map(({choices, description = '', kind, path}) => ({
    key: path.join('.'),
    description: description
      .replaceAll('`', '')
      .replace(/[;:] .*/, '')
      .replace(/\.$/, ''),
    values: choices ?? (kind === 'switch' ? ['true', 'false'] : undefined),
  }))
  return `// Written by npm run docs from schema.ts, which takes longer to load than a person waits for a TAB.
export interface KnownSetting {
  readonly key: string
  readonly description: string
  /** Where there is a choice. */
  readonly values?: readonly string[]
}

/** Every setting, those of a backend under \`backends.<name>\`. */
export const KNOWN_SETTINGS: readonly KnownSetting[] = ${JSON.stringify(known)}
`
}

/** What every backend may be told. */
function ofBackends(schema: z.ZodType): Setting[] {
  return namedSettings(childOf(childOf(schema, 'backends')!, 'name')!, ['backends', '<name>'])
}

/** What single backends may be told besides. */
function own(backends: BackendOptions): string {
  const options = namedSettings(schemaFor(backends)).filter(
    ({path: [section, name, key]}) =>
      section === 'backends' && Object.hasOwn(backends.get(name!)?.descriptor.options ?? {}, key!),
  )
  return options.length === 0 ? '' : `\nOf single backends:\n\n${table(options)}`
}

function table(settings: readonly Setting[]): string {
  const rows = settings.map(({allowed, default: value, description = '', path}) => {
    const isWhole = path[0] === 'backends' && path[1] !== '<name>'
    const name = isWhole ? path.join('.') : path.at(-1)!
    const standard = value === undefined ? '' : `\`${JSON.stringify(value).replaceAll('"', '')}\``
    return `| \`${name}\` | ${allowed} | ${standard} | ${description} |\n`
  })
  return `| key | values | default | |\n|---|---|---|---|\n${rows.join('')}`
}

function isEmpty(value: unknown): boolean {
  return (
    typeof value === 'object' && value !== null && Object.keys(value).length === 0 && !Array.isArray(value)
  )
}
