import {childOf, keysOf, settingOf, type Schema} from './setting.js'

/** A settings file in which every setting is explained and none is set: removing a `#` sets one. */
export function commentedFile(schema: Schema): string {
  const blocks = keysOf(schema).flatMap((key) => {
    const type = childOf(schema, key)!
    const {default: value, kind} = settingOf(type)
    if (kind !== 'section') return [`# ${explanation(type)}\n# ${key}: ${yamlValue(value)}`]
    const lines = EXAMPLES[key] ?? settingsIn(type)
    if (lines.length === 0) return []
    return [`# ${explanation(type)}\n${key}:\n${lines.map((line) => line && `  # ${line}`).join('\n')}`]
  })
  return `${HEADER}\n\n${blocks.join('\n\n')}\n`
}

/** A value on one line of YAML. */
export function yamlValue(value: unknown): string {
  const isPlain = typeof value === 'string' && /^[A-Za-z][\w.-]*$/.test(value) && !NOT_TEXT.test(value)
  return isPlain ? value : JSON.stringify(value)
}

function settingsIn(section: Schema): string[] {
  return keysOf(section).flatMap((key, index) => {
    const type = childOf(section, key)!
    const {choices, default: value, kind} = settingOf(type)
    const line = `${key}: ${yamlValue(value)}`
    const all = kind === 'choice' ? ` # ${choices!.join(' | ')}` : ''
    return [...(index === 0 ? [] : ['']), explanation(type), `${line}${all}`]
  })
}

/** Descriptions are written in Markdown, for the reference page. */
function explanation(type: Schema): string {
  return settingOf(type).description.replaceAll('`', '')
}

const HEADER = `# Settings of clinvk. Each one is listed with its default; remove the # of its line to change it.
# Show the settings in force: clinvk config show. Check this file: clinvk config validate.`

const NOT_TEXT = /^(?:null|true|false|yes|no|on|off|y|n)$/i

/** Sections whose keys the user names, and those that clinvk itself does not use. */
const EXAMPLES: Record<string, readonly string[]> = {
  backends: [
    'claude:',
    '  model: opus',
    '  allowed_tools: "Bash(go test *)"',
    'codex:',
    '  extra_flags: ["--config", "model_reasoning_effort=high"]',
    'gemini:',
    '  enabled: false',
  ],
  parallel: [],
  server: [],
  plugins: [],
}
