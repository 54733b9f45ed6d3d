/**
 * A text from outside as a terminal may show it: line breaks, tabs and colours stay. Every other character that moves
 * the cursor, speaks to the terminal, is invisible or turns the direction of text is written as JSON would escape it,
 * so that JSON stays the same JSON.
 */
export function visible(text: string): string {
  return text.replace(UNSAFE_OR_KEPT, (kept, unsafe?: string) =>
    unsafe === undefined ? kept : escaped(unsafe),
  )
}

/** The same on one line, for names, paths and commands: line breaks, tabs and colours are escaped, too. */
export function visibleLine(text: string): string {
  return text.replace(UNSAFE_ON_LINE, (found) => escaped(found))
}

/** The end of a text that may be the beginning of something `visible` keeps or escapes as a whole; often ''. */
export function openEnd(text: string): string {
  return /(?:\u001B(?:\[[\d;:]{0,64})?|\r|[\uD800-\uDBFF])$/.exec(text)?.[0] ?? ''
}

function escaped(character: string): string {
  const units = Array.from({length: character.length}, (_, index) => character.charCodeAt(index))
  return SHORT[character] ?? units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('')
}

const SHORT: Readonly<Record<string, string>> = {'\n': '\\n', '\r': '\\r', '\t': '\\t'}

/** C0 and C1, soft hyphen, marks of direction, invisible spaces and joiners (not those of emoji), tags. */
const CHARACTERS =
  '\\u0000-\\u0008\\u000B-\\u001F\\u007F-\\u009F\\u00AD\\u061C\\u180E\\u200B\\u200E\\u200F\\u2028-\\u202E' +
  '\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFB\\u{E0000}-\\u{E007F}'
export const UNSAFE = new RegExp(`[${CHARACTERS}]`, 'gu')
export const UNSAFE_ON_LINE = new RegExp(`[\\n\\t${CHARACTERS}]`, 'gu')
const UNSAFE_OR_KEPT = new RegExp(`\\r\\n|\\u001B\\[[\\d;:]{0,64}m|([${CHARACTERS}])`, 'gu')
