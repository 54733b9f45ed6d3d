import * as z from 'zod/mini'
import {schemaFor, settingsSchema, type BackendOptions} from './schema.js'
import {childOf, keysOf, namedSettings, settingOf, type Setting} from './setting.js'

/** The JSON Schema that editors check a settings file with. */
export function jsonSchema(backends: BackendOptions): object {
  return {
    title: 'Settings of clinvk',
    ...z.toJSONSchema(schemaFor(backends), {
      io: 'input',
      override({jsonSchema: schema}) {
        // A section with nothing but comments in it is valid.
        if (schema.type === 'object') Object.assign(schema, {type: ['object', 'null']})
        if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum
        if (JSON.stringify(schema.default) === '{}') delete schema.default
      },
    }),
  }
}

/** The tables of `docs/reference/configuration.md`, in Markdown. */
export function referenceTables(backends: BackendOptions): string {
  const tables = keysOf(settingsSchema).map((key) => {
    const {description, kind} = settingOf(childOf(settingsSchema, key)!)
    const settings = settingsBelow(key)
    if (kind !== 'section') return `### \`${key}\`\n\n${table(settings)}`
    if (key === 'backends')
      return `### \`backends.<name>\`\n\n${description}\n\n${table(settings)}${optionsTable(backends)}`
    return `### \`${key}\`\n\n${description}\n${settings.length > 0 ? `\n${table(settings)}` : ''}`
  })
  return tables.join('\n')
}

/** The text of `generated.ts`: what is needed of the schema without loading it. */
export function generatedModule(): string {
  const settings = keysOf(settingsSchema).flatMap((key) => settingsBelow(key))
  const known = settings.map(({choices, description, path}) => ({
    key: path.join('.'),
    description: description
      .replaceAll('`', '')
      .replace(/[;:] .*/, '')
      .replace(/\.$/, ''),
    values: choices,
  }))
  return `// Written by \`npm run docs\` from schema.ts, which takes too long to load for completion and short commands.
export interface KnownSetting {
  readonly key: string
  readonly description: string
  /** Where there is a choice. */
  readonly values?: readonly string[]
}

export const SCHEMA_DEFAULTS = ${JSON.stringify(settingsSchema.parse({}))} as const

/** Every setting, those of a backend under \`backends.<name>\`. */
export const KNOWN_SETTINGS: readonly KnownSetting[] = ${JSON.stringify(known)}
`
}

/** The settings of one top-level key, those of any backend below \`backends.<name>\`. */
function settingsBelow(key: string): Setting[] {
  const schema = childOf(settingsSchema, key)!
  if (key !== 'backends') return namedSettings(schema, [key])
  return namedSettings(childOf(schema, '<name>')!, [key, '<name>'])
}

function optionsTable(backends: BackendOptions): string {
  const options = namedSettings(schemaFor(backends)).filter(
    ({path: [section, name, key]}) =>
      section === 'backends' && Object.hasOwn(backends.get(name!)?.descriptor.options ?? {}, key!),
  )
  return options.length === 0 ? '' : `\nOf single backends:\n\n${table(options)}`
}

function table(settings: readonly Setting[]): string {
  const rows = settings.map(({allowed, default: value, description, path}) => {
    const isWhole = path[0] === 'backends' && path[1] !== '<name>'
    const name = isWhole ? path.join('.') : path.at(-1)!
    const standard = value === undefined ? '' : `\`${JSON.stringify(value).replaceAll('"', '')}\``
    return `| \`${name}\` | ${allowed} | ${standard} | ${description} |\n`
  })
  return `| key | values | default | |\n|---|---|---|---|\n${rows.join('')}`
}
