import {Failure} from 'clinvk-kit/failure'

/**
 * The text of a user's file (undefined when there is none) with our lines in it:
 * where they are already, else at its end. The mark says what else was changed, so
 * that `withoutLines` gives back each byte.
 */
export function withLines(text: string | undefined, lines: readonly string[], file: string): string {
  const found = find(text ?? '', file)
  if (found) return `${found.before}${block(lines, found.note)}${found.after}`
  if (text === undefined) return block(lines, NEW_FILE)
  if (text === '' || text.endsWith('\n')) return text + block(lines)
  return `${text}\n${block(lines, NO_BREAK)}`
}

/** The text as it was before; undefined when the file was made for our lines and holds nothing else. */
export function withoutLines(text: string, file: string): string | undefined {
  const found = find(text, file)
  if (!found) return text
  const {after, before, note} = found
  if (note === NEW_FILE && before + after === '') return undefined
  // What was added behind since then stays on a line of its own.
  return note === NO_BREAK && after === '' ? before.replace(/\r?\n$/, '') : before + after
}

function block(lines: readonly string[], note?: string): string {
  const mark = note === undefined ? NAME : `${NAME} (${note})`
  return [`# >>> ${mark} >>>`, ...lines, END, ''].join('\n')
}

function find(
  text: string,
  file: string,
): {before: string; after: string; note: string | undefined} | undefined {
  const begin = /^# >>> clinvk completion(?: \(([^)\n]*)\))? >>>\r?$/m.exec(text)
  if (!begin) return undefined
  const rest = text.slice(begin.index)
  const end = /^# <<< clinvk completion <<<(?:\r?\n|$)/m.exec(rest)
  if (!end) {
    throw new Failure('usage', `In ${file} the lines of clinvk have a beginning and no end.`, [
      'Take them out with an editor, then try again.',
    ])
  }

  return {
    before: text.slice(0, begin.index),
    after: rest.slice(end.index + end[0].length),
    note: begin[1],
  }
}

const NAME = 'clinvk completion'
const END = `# <<< ${NAME} <<<`
const NO_BREAK = 'put after a line without an end'
const NEW_FILE = 'the file was made for it'
