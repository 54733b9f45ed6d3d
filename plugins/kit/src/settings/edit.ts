import {isDeepStrictEqual} from 'node:util'
import {
  isMap,
  isNode,
  isScalar,
  isSeq,
  parseDocument,
  Scalar,
  visit,
  YAMLMap,
  type Document,
  type Node,
  type Pair,
  type ToStringOptions,
} from 'yaml'
import {Failure} from '../errors/failure.js'
import {YAML} from './yaml-file.js'

/**
 * The text of a settings file with one value set; comments and order stay. Throws
 * a Failure where that cannot be done without changing anything else.
 */
export function withValue(text: string, path: readonly string[], value: unknown): string {
  const document = parse(text)
  makeSections(document, path.slice(0, -1))
  const old = document.getIn(path, true)
  if (isScalar(old) && !Array.isArray(value)) {
    if (!/^QUOTE/.test(old.type ?? '')) delete old.type
    delete old.source
    old.value = value
  } else if (isSeq(old) && Array.isArray(value)) {
    const kept = old.items
    old.items = value.map(
      (item) => kept.find((one) => isScalar(one) && one.value === item) ?? document.createNode(item),
    )
  } else document.setIn(path, withComments(document.createNode(value, {flow: true}), old))
  return rewritten(document, text, path, value)
}

/** The text without one key, or undefined when it is not there. A comment above it stays. */
export function withoutKey(text: string, path: readonly string[]): string | undefined {
  const document = parse(text)
  if (!document.hasIn(path)) return undefined
  remove(document, path)
  for (let length = path.length - 1; length > 0; length--) {
    const above = path.slice(0, length)
    const section = document.getIn(above)
    if (!isMap(section) || section.items.length > 0) break
    const comment = joined(section.commentBefore, section.comment)
    if (comment === null) remove(document, above)
    else {
      const nothing = new Scalar(null)
      Object.assign(nothing, {source: '', comment})
      document.setIn(above, nothing)
      break
    }
  }

  if (isMap(document.contents) && document.contents.items.length === 0) removeContents(document)
  return rewritten(document, text, path, undefined)
}

function parse(text: string): Document {
  const marked = parseDocument(withMarks(text), YAML)
  removeMarks(marked)
  const document = parseDocument(text, YAML)
  const [error] = document.errors
  if (error) throw new Failure('config', error.message, REPAIR)
  // A mark may have landed in a text of several lines.
  return marked.errors.length === 0 && isDeepStrictEqual(marked.toJS(), document.toJS()) ? marked : document
}

/**
 * The YAML library (2.9) takes a comment below a deeper line for a part of the
 * deeper section, and would indent it. A key between the two prevents that.
 */
function withMarks(text: string): string {
  let depth = 0
  return text.replaceAll(
    /^( *)(?=\S)(#?).*$/gm,
    (line, {length}: string, comment: string, offset: number) => {
      const isAstray = comment !== '' && length < depth && /^ *[^\s#]/m.test(text.slice(offset))
      // A key without a value takes what follows, too.
      depth = /^[^#]*:(?: +#.*)?$/.test(line) ? length + 1 : length
      return isAstray ? `${' '.repeat(length)}${MARK}${offset}: 0\n${line}` : line
    },
  )
}

function removeMarks(document: Document): void {
  visit(document, {
    Map(_key, {items}) {
      for (const [index, {key}] of items.entries()) {
        const next = items[index + 1]?.key
        if (isMark(key) && isNode(next)) next.spaceBefore = isNode(key) && key.spaceBefore === true
      }
    },
    Pair: (_key, {key}) => (isMark(key) ? visit.REMOVE : undefined),
  })
}

/** Makes the sections of a path that are missing or hold nothing but comments. */
function makeSections(document: Document, path: readonly string[]): void {
  for (let length = 0; length <= path.length; length++) {
    const above = path.slice(0, length)
    const found = length === 0 ? document.contents : document.getIn(above, true)
    if (isMap(found)) {
      // `{}` may grow; `{a: 1}` on one line stays on one line.
      if (found.items.length === 0) found.flow = false
    } else if (found === undefined || found === null || isNothing(found)) {
      const section = new YAMLMap(document.schema)
      if (length > 0) document.setIn(above, withComments(section, found))
      else {
        removeContents(document)
        document.contents = section
      }
    } else {
      throw new Failure('config', `${above.join('.') || 'The file'} holds a value, not keys.`, REPAIR)
    }
  }
}

/** What stands above the key may be about more than the key: it moves to the next one, or to the end. */
function remove(document: Document, path: readonly string[]): void {
  const section = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1))
  if (!isMap(section)) return
  const index = section.items.findIndex((pair) => keyOf(pair) === path.at(-1))
  const [pair] = section.items.splice(index, 1)
  const comment = isNode(pair?.key) ? pair.key.commentBefore : undefined
  const next = section.items[index]?.key
  if (index === 0 && isNode(next)) next.spaceBefore = false
  if (!comment) return
  if (isNode(next)) next.commentBefore = joined(comment, next.commentBefore)
  else section.comment = joined(comment, section.comment)
}

/** Takes the last value out of a file; what was written about it stays. */
function removeContents(document: Document): void {
  const {comment, commentBefore, contents} = document
  document.commentBefore = joined(commentBefore, contents?.commentBefore, contents?.comment, comment)
  document.comment = null
  document.contents = null
}

function withComments<T extends Node>(node: T, old: unknown): T {
  if (isNode(old)) Object.assign(node, {comment: old.comment, commentBefore: old.commentBefore})
  return node
}

function joined(...comments: (string | null | undefined)[]): string | null {
  return comments.filter(Boolean).join('\n') || null
}

function rewritten(document: Document, before: string, path: readonly string[], value: unknown): string {
  try {
    const text = document.contents || document.commentBefore ? document.toString(styleOf(before)) : ''
    const wanted = valuesOf(before).filter(([key]) => !isBelow(key, path))
    const found = valuesOf(text).filter(
      ([key, part]) => !isBelow(key, path) || !isDeepStrictEqual(part, value),
    )
    if (isDeepStrictEqual(found, wanted))
      return before.includes('\r\n') ? text.replaceAll(/\r?\n/g, '\r\n') : text
  } catch {
    // An alias that has lost what it stood for.
  }

  throw new Failure('config', 'The file is written in a way that clinvk cannot change safely.', [
    'Change it yourself: clinvk config edit',
  ])
}

/** Key and value of everything that is set, in order. */
function valuesOf(text: string): [path: string[], value: unknown][] {
  const document = parseDocument(text, YAML)
  if (document.errors[0]) throw document.errors[0]
  const leaves = (value: unknown, path: string[]): [string[], unknown][] =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.entries(value).flatMap(([key, child]) => leaves(child, [...path, key]))
      : value === null || value === undefined
        ? []
        : [[path, value]]
  return leaves(document.toJS(), [])
}

function isBelow(path: readonly string[], above: readonly string[]): boolean {
  return above.every((key, index) => path[index] === key)
}

/** As far as the YAML library can be told. */
function styleOf(text: string): ToStringOptions {
  const [, indent = ''] = /^( {1,8})\w[\w-]*:/m.exec(text) ?? []
  return {lineWidth: 0, indent: indent.length || 2, flowCollectionPadding: /[[{] +[^\s\]}]/.test(text)}
}

function keyOf({key}: Pair): unknown {
  return isScalar(key) ? key.value : key
}

function isMark(key: unknown): boolean {
  return isScalar(key) && String(key.value).startsWith(MARK)
}

function isNothing(node: unknown): boolean {
  return isScalar(node) && node.value === null
}

const REPAIR = ['Repair it: clinvk config edit']
const MARK = 'clinvk-mark-'
