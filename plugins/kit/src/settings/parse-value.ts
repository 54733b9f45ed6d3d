import type {Kind} from './setting.js'

/**
 * The value that a text stands for: after `config set`, in a variable, or in quotes
 * as clinvoker wrote it. Undefined when it stands for none.
 */
export function parseValue(text: string, kind: Kind): unknown {
  switch (kind) {
    case 'switch':
      return SWITCHES.get(text.trim().toLowerCase())
    case 'count':
      return /^\s*\d{1,15}\s*$/.test(text) ? Number(text) : undefined
    case 'list':
      return /^\s*\[/.test(text)
        ? parsedJson(text)
        : text.split(/\s*,\s*/).flatMap((part) => part.trim() || [])
    case 'any':
      return parsedJson(text) ?? text
    case 'section':
      return undefined
    case 'choice':
    case 'text':
      return text
  }
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const SWITCHES = new Map([
  ...['true', 'yes', 'on', '1'].map((word) => [word, true] as const),
  ...['false', 'no', 'off', '0'].map((word) => [word, false] as const),
])
