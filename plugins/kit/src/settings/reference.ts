import * as z from 'zod/mini'
import {yamlValue} from './edit.js'
import {schemaFor, settingsSchema, type BackendOptions} from './schema.js'
import {childOf, keysOf, namedSettings, settingOf, type Schema, type Setting} from './setting.js'

/** A settings file in which every setting is explained and none is set: removing a `#` sets one. */
export function commentedFile(schema: Schema): string {
  const blocks = keysOf(schema).flatMap((key) => {
    const type = childOf(schema, key)!
    const {default: value, kind} = settingOf(type)
    if (kind !== 'section') return [`# ${plainText(type)}\n# ${key}: ${yamlValue(value)}`]
    const lines = EXAMPLES[key] ?? explainedSettings(type)
    return [`# ${plainText(type)}\n${key}:\n${lines.map((line) => line && `  # ${line}`).join('\n')}`]
  })
  return `${HEADER}\n\n${blocks.join('\n\n')}\n`
}

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
    const schema = childOf(settingsSchema, key)!
    const {description, kind} = settingOf(schema)
    const settings =
      key === 'backends' || key === 'prices'
        ? namedSettings(childOf(schema, '<name>')!, [key, '<name>'])
        : namedSettings(schema, [key])
    if (kind !== 'section') return `### \`${key}\`\n\n${table(settings)}`
    if (key === 'prices') return `### \`prices.<model>\`\n\n${description}\n\n${table(settings)}`
    if (key === 'backends')
      return `### \`backends.<name>\`\n\n${description}\n\n${table(settings)}${optionsTable(backends)}`
    return `### \`${key}\`\n\n${description}\n${settings.length > 0 ? `\n${table(settings)}` : ''}`
  })
  return tables.join('\n')
}

/** The text of `settings.ts`: the defaults without the schema. */
export function settingsModule(): string {
  return `// Written by \`npm run docs\` from schema.ts, which takes too long to load for short commands.
import type {Settings} from './schema.js'

export type {Settings} from './schema.js'

export const DEFAULTS: Settings = ${JSON.stringify(settingsSchema.parse({}))}
`
}

function explainedSettings(section: Schema): string[] {
  return keysOf(section).flatMap((key, index) => {
    const type = childOf(section, key)!
    const {choices, default: value, kind} = settingOf(type)
    const all = kind === 'choice' ? ` # ${choices!.join(' | ')}` : ''
    return [...(index === 0 ? [] : ['']), ...plainText(type).split('\n'), `${key}: ${yamlValue(value)}${all}`]
  })
}

/** Descriptions are written in Markdown, for the reference page. */
function plainText(type: Schema): string {
  return settingOf(type).description.replaceAll('`', '')
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
    return `| \`${name}\` | ${allowed} | ${standard} | ${description.replaceAll('\n', '<br>')} |\n`
  })
  return `| key | values | default | |\n|---|---|---|---|\n${rows.join('')}`
}

const HEADER = `# Settings of clinvk. Each one is listed with its default; remove the # of its line to change it.
# Show the settings in force: clinvk config show. Check this file: clinvk config validate.`

/** Sections whose keys the user names, and those that clinvk itself does not use. */
const EXAMPLES: Record<string, readonly string[]> = {
  // prettier-ignore
  backends: [
    'claude:', '  model: opus', '  allowed_tools: "Bash(go test *)"',
    'codex:', '  extra_flags: ["--config", "model_reasoning_effort=high"]',
    'gemini:', '  enabled: false',
  ],
  prices: ['my-model: {input: 1.25, cached: 0.125, output: 10}'],
  server: ['port: 8080'],
  plugins: ['NAME: {key: value}'],
}
