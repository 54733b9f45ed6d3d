import {
  isMap,
  isNode,
  isScalar,
  isSeq,
  parseDocument,
  Scalar,
  YAMLMap,
  type Document,
  type Node,
  type Pair,
  type ToStringOptions,
} from 'yaml'
import {Failure} from '../failure.js'
import {onlyChanged} from './only-changed.js'
import {partComments} from './part-comments.js'
import {YAML} from './yaml-file.js'

/**
 * The text of a settings file with one value set; comments and order stay. Throws
 * a Failure where that cannot be done without changing anything else.
 */
export function withValue(text: string, path: readonly string[], value: unknown): string {
  const document = parse(text)
  const section = sectionAt(document, path.slice(0, -1))
  const key = path.at(-1)!
  const pair = pairOf(section, key)
  if (pair) pair.value = inPlaceOf(pair.value, document.createNode(value, {flow: true}))
  else section.add(document.createPair(key, document.createNode(value, {flow: true})))
  return rewritten(document, text, path, value)
}

/** The text without one key, or undefined when it is not there. A comment above it stays. */
export function withoutKey(text: string, path: readonly string[]): string | undefined {
  const document = parse(text)
  const sections = path.map((_, length) => mapAt(document, path.slice(0, length)))
  const section = sections.at(-1)
  const pair = section && pairOf(section, path.at(-1)!)
  if (!section || !pair) return undefined
  remove(section, pair)
  for (let length = path.length - 1; length > 0; length--) {
    const empty = sections[length]!
    if (empty.items.length > 0) break
    const holder = pairOf(sections[length - 1]!, path[length - 1]!)!
    const comment = commentsOf(empty.commentBefore, empty.comment)
    if (comment === null) remove(sections[length - 1]!, holder)
    else {
      const nothing = new Scalar(null)
      nothing.source = ''
      nothing.comment = comment
      holder.value = nothing
      break
    }
  }

  if (isMap(document.contents) && document.contents.items.length === 0) leaveComments(document)
  return rewritten(document, text, path, undefined)
}

type Section = YAMLMap

function parse(text: string): Document {
  const document = parseDocument(text, YAML)
  const [error] = document.errors
  if (error) throw new Failure('config', error.message, REPAIR)
  partComments(document.contents, text)
  return document
}

/** The section at a path, made where it is missing or holds nothing but comments. */
function sectionAt(document: Document, path: readonly string[]): Section {
  if (!isMap(document.contents)) {
    if (document.contents !== null && !isNothing(document.contents)) throw cannot(path)
    leaveComments(document)
    document.contents = new YAMLMap(document.schema)
  }

  let section = document.contents as unknown as Section
  for (const [index, key] of path.entries()) {
    const pair = pairOf(section, key)
    if (pair && isMap(pair.value)) section = pair.value
    else if (!pair || pair.value === null || isNothing(pair.value)) {
      const made: Section = new YAMLMap(document.schema)
      if (pair && isNode(pair.value) && pair.value.comment) made.comment = pair.value.comment
      if (pair) pair.value = made
      else section.add(document.createPair(key, made))
      section = made
    } else throw cannot(path.slice(0, index + 1))
  }

  // `{}` may grow; `{a: 1}` on one line stays on one line.
  if (section.items.length === 0) section.flow = false
  return section
}

function mapAt({contents}: Document, path: readonly string[]): Section | undefined {
  let node: unknown = contents
  for (const key of path) node = isMap(node) ? pairOf(node, key)?.value : undefined
  return isMap(node) ? node : undefined
}

function pairOf(section: Section, key: string): Pair | undefined {
  return section.items.find((pair) => String(pair.key) === key)
}

/** What stood above the key may be about more than the key: it moves to the next one, or to the end. */
function remove(section: Section, pair: Pair): void {
  const index = section.items.indexOf(pair)
  const comment = isNode(pair.key) ? pair.key.commentBefore : undefined
  section.items.splice(index, 1)
  const next = section.items[index]?.key
  if (index === 0 && isNode(next)) next.spaceBefore = false
  if (!comment) return
  if (isNode(next)) next.commentBefore = commentsOf(comment, next.commentBefore)
  else section.comment = commentsOf(comment, section.comment)
}

/** A new value with the comments of the old one, and in its way of writing. */
function inPlaceOf(old: unknown, node: Node): Node {
  if (!isNode(old)) return node
  node.comment = commentsOf(old.comment)
  node.commentBefore = commentsOf(old.commentBefore)
  if (isScalar(old) && isScalar(node) && typeof old.value === 'string' && /^QUOTE/.test(old.type ?? ''))
    node.type = old.type!
  if (isSeq(old) && isSeq(node)) {
    node.flow = old.flow ?? false
    const kept = old.items.filter((item) => isScalar(item))
    node.items = node.items.map(
      (item) => kept.find(({value}) => isScalar(item) && item.value === value) ?? item,
    )
  }

  return node
}

/** Takes the last value out of a file; what was written about it stays. */
function leaveComments(document: Document): void {
  const {contents} = document
  const comments = commentsOf(
    document.commentBefore,
    contents?.commentBefore,
    contents?.comment,
    document.comment,
  )
  document.contents = null
  document.commentBefore = comments
  document.comment = null
}

function commentsOf(...comments: (string | null | undefined)[]): string | null {
  const all = comments.filter((comment) => comment !== null && comment !== undefined && comment !== '')
  return all.length === 0 ? null : all.join('\n')
}

function rewritten(document: Document, before: string, path: readonly string[], value: unknown): string {
  const text = textOf(document, before)
  if (text === undefined || !onlyChanged(before, text, path, value)) {
    throw new Failure('config', 'The file is written in a way that clinvk cannot change without harm.', [
      'Change it yourself: clinvk config edit',
    ])
  }

  return before.includes('\r\n') ? text.replaceAll(/\r?\n/g, '\r\n') : text
}

/** Undefined where an alias has lost what it stood for. */
function textOf(document: Document, before: string): string | undefined {
  if (document.contents === null && !document.commentBefore) return ''
  try {
    return document.toString(styleOf(before))
  } catch {
    return undefined
  }
}

/** As far as the YAML library can be told. */
function styleOf(text: string): ToStringOptions {
  const [, indent = ''] = /^( {1,8})\w[\w-]*:/m.exec(text) ?? []
  return {lineWidth: 0, indent: indent.length || 2, flowCollectionPadding: /[[{] +[^\s\]}]/.test(text)}
}

function isNothing(node: unknown): boolean {
  return isScalar(node) && node.value === null
}

function cannot(path: readonly string[]): Failure {
  return new Failure(
    'config',
    `${path.join('.') || 'The file'} holds a value where keys are expected.`,
    REPAIR,
  )
}

const REPAIR = ['Repair it: clinvk config edit']
