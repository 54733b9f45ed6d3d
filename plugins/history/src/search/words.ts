import {oneLine} from 'clinvk-kit/format/text'

/**
 * A text as it is indexed: Chinese, Japanese, Korean and Thai, which have no blanks between words, become pairs of
 * characters, and the last character alone.
 */
export function indexed(text: string): string {
  if (!ANY_RUN.test(text)) return text
  return text.replace(new RegExp(RUN, 'g'), (run) => {
    const characters = Array.from(run)
    return ` ${characters.map((character, index) => character + (characters[index + 1] ?? '')).join(' ')} `
  })
}

/**
 * What finds a text as a phrase, in the language of FTS5; `isBeginning`: also longer words that begin like its last one.
 * Undefined for a text without letters and digits, which the index does not have.
 */
export function phrase(text: string, isBeginning = false): string | undefined {
  if (!hasWords(text)) return undefined
  const run = ANY_RUN.test(text) ? new RegExp(`${RUN}$`).exec(text.trimEnd())?.[0] : undefined
  const isAlone = run !== undefined && Array.from(run).length === 1
  // After the last pair of a run the text may go on; the index has the last character alone only where it ends.
  // FTS5 takes NUL for the end of the query.
  const tokens = indexed(text.replaceAll('\0', ' ')).trim()
  const cut = run === undefined || isAlone ? tokens : tokens.replace(/ [^ ]+$/u, '')
  return `"${cut.replaceAll('"', '""')}"${isBeginning || isAlone ? ' *' : ''}`
}

/** Whether the tokenizer of the index finds anything in a text. */
function hasWords(text: string): boolean {
  return /\w/.test(text) || (/[^\0-\x7f]/.test(text) && /[\p{L}\p{N}\p{Co}]/u.test(text))
}

/** A part of a text on one line, and where in it the words are. */
export interface Snippet {
  readonly text: string
  /** Beginning and end of each, as indexes of the text. */
  readonly marks: readonly (readonly [number, number])[]
}

/** Gives the part of a text around the words; around all of them, if they stand beside each other. */
export function snippets(words: readonly string[], isBeginning = false): (text: string) => Snippet {
  const all = pattern(words.join(' '), isBeginning)
  const single = words.map((word) => pattern(word, isBeginning))
  return (text) => {
    const folded = fold(text)
    const isWhole = folded.search(all) !== -1
    const patterns = isWhole ? [all] : single
    const places = patterns.map((regex) => folded.search(regex)).filter((place) => place !== -1)
    const start = wordStart(text, Math.max(0, (places[0] ?? 0) - BEFORE))
    const part = text.slice(start, start + LENGTH)
    const isCut = start + LENGTH < text.length
    const end = isCut ? part.replace(/\s\S{0,30}$|[\uD800-\uDBFF]$/, '') : part
    const line = `${start > 0 ? '…' : ''}${oneLine(end)}${isCut ? '…' : ''}`
    const marks = patterns
      .flatMap((regex) => [...fold(line).matchAll(regex)])
      .map(({0: {length}, index}) => [index, index + length] as const)
      .sort((a, b) => a[0] - b[0])
    return {text: line, marks: marks.filter(([from], index) => from >= (marks[index - 1]?.[1] ?? 0))}
  }
}

/** A snippet with its words in `before` and `after`. */
export function marked({marks, text}: Snippet, before: string, after: string): string {
  let end = 0
  let result = ''
  for (const [from, to] of marks) {
    result += text.slice(end, from) + before + text.slice(from, to) + after
    end = to
  }

  return result + text.slice(end)
}

/** Returns whether a text has all words. */
export function wordsMatcher(words: readonly string[]): (text: string) => boolean {
  const patterns = words.map((word) => pattern(word, false))
  return (text) => {
    const folded = fold(text)
    return patterns.every((regex) => folded.search(regex) !== -1)
  }
}

/** Finds a word in a folded text, whatever stands between its parts, as the index does. */
function pattern(word: string, isBeginning: boolean): RegExp {
  const folded = fold(word)
  const parts = folded.match(PARTS) ?? []
  const [first, last] = [parts[0]?.[0] ?? '', parts.at(-1)?.at(-1) ?? '']
  const before = SPACED.test(first) ? `(?<![${LETTERS}])` : ''
  const after = SPACED.test(last) && !isBeginning ? `(?![${LETTERS}])` : ''
  const between = parts.length > 0 ? parts.map(escape).join(`[^${LETTERS}]+`) : escape(folded)
  return new RegExp(between === '' ? '(?!)' : `${before}${between}${after}`, 'g')
}

function escape(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
}

/** The beginning of the word that stands there, unless that is far away. */
function wordStart(text: string, place: number): number {
  if (place === 0) return 0
  const [, ahead] = /^\S{0,20}(\s)/.exec(text.slice(place)) ?? []
  const next = ahead === undefined ? place : text.indexOf(ahead, place) + 1
  return /[\uDC00-\uDFFF]/.test(text[next] ?? '') ? next + 1 : next
}

/** In lower case and without accents, character by character, so that places stay the same. */
function fold(text: string): string {
  const lower = text.toLowerCase()
  if (lower.length === text.length && /^[\0-\x7f]*$/.test(lower)) return lower
  return Array.from({length: text.length}, (_, index) => {
    const unit = text[index]!
    return /[\uD800-\uDFFF]/.test(unit) ? unit : unit.normalize('NFD')[0]!.toLowerCase()[0]!
  }).join('')
}

/** Scripts without blanks between words. */
const RUNS = '\\u0E00-\\u0E7F\\u3040-\\u30FF\\u3400-\\u9FFF\\uAC00-\\uD7AF\\uF900-\\uFAFF'
const RUN = `(?:[${RUNS}]|[\\uD840-\\uD87F][\\uDC00-\\uDFFF])+`
const ANY_RUN = new RegExp(RUN)
const SPACED = new RegExp(`^[^${RUNS}]$`)
/** Those that are parts of words; roughly, but in a moment: Unicode's classes take milliseconds to load. */
const LETTERS =
  '0-9A-Za-z_\\u00AA\\u00B5\\u00BA\\u00C0-\\u1FFF\\u2C00-\\u2DFF\\u2E80-\\u2FFF\\u3005-\\uD7FF\\uF900-\\uFDFF\\uFE70-\\uFFEF'
const PARTS = new RegExp(`[${LETTERS}]+`, 'g')
const BEFORE = 50
const LENGTH = 200
