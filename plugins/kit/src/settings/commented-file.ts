import type {z} from 'zod'
import {childOf, keysOf, settingOf} from './setting.js'

/** A settings file in which every setting is explained and none is set: to take a `#` away sets one. */
export function commentedFile(schema: z.ZodType): string {
  const blocks = keysOf(schema).flatMap((key) => {
    const type = childOf(schema, key)!
    const {default: value, kind} = settingOf(type)
    if (kind !== 'section') return [`${comment(type)}\n# ${key}: ${yamlValue(value)}`]
    const lines = EXAMPLES[key] ?? settings(type)
    if (lines.length === 0) return []
    return [`${comment(type)}\n${key}:\n${lines.map((line) => line && `  # ${line}`).join('\n')}`]
  })
  return `${HEADER}\n\n${blocks.join('\n\n')}\n`
}

/** A value on one line of YAML. */
export function yamlValue(value: unknown): string {
  const isPlain = typeof value === 'string' && /^[A-Za-z][\w.-]*$/.test(value) && !MEANS_MORE.test(value)
  return isPlain ? value : JSON.stringify(value)
}

const HEADER = `# Settings of clinvk. Each one stands here with its default; take the # of its line away to change it.
# What is in force: clinvk config show. Whether all is well: clinvk config validate.`

const MEANS_MORE = /^(?:null|true|false|yes|no|on|off|y|n)$/i

/** Sections whose keys are the user's to name, and those that clinvk itself has no use for. */
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

function settings(section: z.ZodType): string[] {
  return keysOf(section).flatMap((key, index) => {
    const type = childOf(section, key)!
    const {choices, default: value} = settingOf(type)
    const line = `${key}: ${yamlValue(value)}`
    return [...(index === 0 ? [] : ['']), plain(type), choices ? `${line} # ${choices.join(' | ')}` : line]
  })
}

function comment(type: z.ZodType): string {
  return `# ${plain(type)}`
}

/** Descriptions are written for the reference page. */
function plain({description = ''}: z.ZodType): string {
  return description.replaceAll('`', '')
}
