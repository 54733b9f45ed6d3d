import type {Kind} from './setting.js'

/**
 * The value that a text stands for: what a user types after `config set`, in a
 * variable, and what clinvoker wrote in quotes. Undefined when it stands for none.
 */
export function fromText(text: string, kind: Kind): unknown {
  switch (kind) {
    case 'switch':
      return SWITCHES.get(text.trim().toLowerCase())
    case 'count':
      return /^\s*\d{1,15}\s*$/.test(text) ? Number(text) : undefined
    case 'list':
      return /^\s*\[/.test(text) ? json(text) : parts(text)
    case 'any':
      return json(text) ?? text
    case 'section':
      return undefined
    case 'choice':
    case 'text':
      return text
  }
}

const SWITCHES = new Map(
  [true, false].flatMap((value) =>
    (value ? ['true', 'yes', 'on', '1'] : ['false', 'no', 'off', '0']).map((word) => [word, value] as const),
  ),
)

function parts(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
