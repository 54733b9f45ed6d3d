import {
  type ErrorCode,
  isMap,
  isSeq,
  LineCounter,
  parseDocument,
  Parser,
  visit,
  type Document,
  type Node,
} from 'yaml'
import {messageOf} from '../errors/failure.js'
import {formatNumber} from '../format/text.js'
import type {Problem, Source} from './check.js'

/** How settings are read: no types but those of JSON, `<<` merges, and nothing printed by the library itself. */
export const YAML = {
  merge: true,
  logLevel: 'error',
  prettyErrors: false,
  resolveKnownTags: false,
  stringKeys: true,
} as const

export interface YamlFile {
  /** Undefined where the text is no YAML. */
  readonly value: unknown
  /** The first thing that makes it no YAML. */
  readonly problem?: Problem
  /** Where a key stands; the nearest one above it when it is missing. */
  readonly sourceOf: (path: readonly PropertyKey[]) => Source
}

export function readYaml(text: string, file: string, kind: 'user' | 'project'): YamlFile {
  const counter = new LineCounter()
  const at = (offset: number): Source => {
    // What is missing at the end is missing behind the last word, not on the line after the last one.
    const {col, line} = counter.linePos(Math.min(offset, text.trimEnd().length))
    // An empty text has no first line.
    return {kind, file, line: line || 1, column: col || 1}
  }
  try {
    checkSize(text)
    const document = parseDocument(text, {...YAML, lineCounter: counter})
    const [error] = document.errors
    if (error) {
      const isBracket = error.code === 'BAD_INDENT' && error.message.startsWith('Flow')
      throw new YamlError(isBracket ? NOT_CLOSED : PROBLEMS[error.code], error.pos[0])
    }
    checkAliases(document)
    return {value: document.toJS(), sourceOf: (path) => at(offsetOf(document, path))}
  } catch (error) {
    // The library's own words are for those who know the grammar, and may quote what stands in the file.
    const isMerge = messageOf(error).startsWith('Merge')
    const {message, offset} =
      error instanceof YamlError ? error : new YamlError(isMerge ? NO_SECTIONS : TOO_MUCH)
    const source = at(offset)
    return {value: undefined, problem: {source, key: '', message, hints: []}, sourceOf: () => source}
  }
}

/** Why a text is no YAML that clinvk reads, and where. */
class YamlError extends Error {
  constructor(
    message = 'This is not valid YAML.',
    readonly offset = 0,
  ) {
    super(message)
  }
}

function checkAliases(document: Document): void {
  visit(document, {
    Alias(_key, alias, path) {
      const target = alias.resolve(document)
      if (target && !path.includes(target)) return
      const message = target
        ? 'An alias refers to a section or list that contains it.'
        : 'There is no anchor of this name before it.'
      throw new YamlError(message, alias.range?.[0])
    },
  })
}

function offsetOf({contents}: Document, path: readonly PropertyKey[]): number {
  let node: unknown = contents
  let offset = contents?.range?.[0] ?? 0
  for (const name of path) {
    const item = isSeq(node) ? node.items[Number(name)] : undefined
    // Keys of YAML may be numbers, those of JavaScript are not.
    const pair = isMap(node)
      ? node.items.find(({key}) => String(key) === String(name))
      : {key: item, value: item}
    if (!pair?.key) break
    offset = (pair.key as Node).range?.[0] ?? offset
    node = pair.value
  }

  return offset
}

/**
 * The library ends the whole process at some ten thousand `[` (yaml 2.9 on Node 20: "RegExpCompiler Allocation failed"),
 * looks through the whole file for each alias, and compares each key of a section with all others. A repository may
 * hold such files. The library's tokens, unlike its nodes, are read without recursion, in a time that grows with the text.
 */
function checkSize(text: string): void {
  let aliases = 0
  let level: unknown[] = [...new Parser().parse(text)]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) throw new YamlError('Lists and sections are nested too deep.')
    const parts = level.flatMap((token) => Object.values(token as object).flat() as unknown[])
    for (const {items, type} of level as {items?: unknown; type?: unknown}[]) {
      if (type === 'alias') aliases++
      const keys = Array.isArray(items) ? items.filter((item) => (item as {sep?: unknown}).sep).length : 0
      if (keys > MAX_KEYS) throw new YamlError(`A section has more than ${formatNumber(MAX_KEYS)} keys.`)
    }
    level = parts.filter((part) => Object(part) === part)
  }
  if (aliases > MAX_ALIASES) throw new YamlError(`It has more than ${formatNumber(MAX_ALIASES)} aliases.`)
}

const PROBLEMS: Partial<Record<ErrorCode, string>> = {
  BAD_DQ_ESCAPE: 'A backslash in double quotes begins an escape that does not exist. Use single quotes.',
  BAD_INDENT: 'The indentation does not match the section or list.',
  BAD_SCALAR_START: 'A value cannot begin with this character. Put it in quotes.',
  BLOCK_AS_IMPLICIT_KEY:
    'A text with a colon and a blank in it needs quotes, or the next line is indented too far.',
  BLOCK_IN_FLOW: 'Inside brackets or braces, items are separated by commas.',
  DUPLICATE_KEY: 'This key is already in its section.',
  MISSING_CHAR: 'A bracket, brace, quote, comma, colon or blank is missing here.',
  MULTILINE_IMPLICIT_KEY: 'A colon is missing, or a text that goes over several lines needs quotes.',
  MULTIPLE_DOCS:
    'A second document begins here. A file has one: put everything into it, without the line `---`.',
  TAB_AS_INDENT: 'A tab cannot indent. Use spaces.',
  UNEXPECTED_TOKEN: 'This is unexpected here. Is a quote, a comma or a line break missing before it?',
}

const NO_SECTIONS = '<< can only merge sections.'
const TOO_MUCH = 'Its aliases expand to too much data.'
const NOT_CLOSED = 'The closing bracket or brace is missing here, or not indented.'

/** In tokens; a section in a section takes two. Settings are three deep. */
const MAX_DEPTH = 150
const MAX_KEYS = 1000
const MAX_ALIASES = 1000
