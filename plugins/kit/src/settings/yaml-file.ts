import {isMap, isPair, isSeq, LineCounter, parseDocument, Parser, visit, type Document, type Node} from 'yaml'
import {messageOf} from '../errors/failure.js'
import type {Problem, Source} from './problem.js'

/** How settings are read: no types but those of JSON, and nothing printed by the library itself. */
export const YAML = {
  logLevel: 'error',
  prettyErrors: false,
  resolveKnownTags: false,
  stringKeys: true,
} as const

/** The text of a settings file as data, and where in it each key stands. */
export interface YamlFile {
  /** Undefined where the text is no YAML. */
  readonly value: unknown
  /** The first thing that makes it no YAML. */
  readonly problem?: Problem
  /** Where a key stands; the nearest one above it when it is missing. */
  readonly sourceOf: (path: readonly PropertyKey[]) => Source
}

export function readYaml(text: string, file: string, kind: 'user' | 'project'): YamlFile {
  if (isTooDeep(text)) {
    const source: Source = {kind, file, line: 1, column: 1}
    const message = 'Lists and sections are nested too deep.'
    return {value: undefined, problem: {source, key: '', message, hints: []}, sourceOf: () => source}
  }

  const counter = new LineCounter()
  const document = parseDocument(text, {...YAML, lineCounter: counter})
  const at = (offset: number): Source => {
    const {col, line} = counter.linePos(offset)
    // An empty text has no first line.
    return {kind, file, line: line || 1, column: col || 1}
  }

  const sourceOf = (path: readonly PropertyKey[]) => at(offsetOf(document, path))
  const broken = (offset: number, message: string): YamlFile => ({
    value: undefined,
    problem: {source: at(offset), key: '', message, hints: []},
    sourceOf,
  })

  const [error] = document.errors
  if (error) return broken(error.pos[0], error.message)
  try {
    const value: unknown = document.toJS()
    return isEndless(value) ? broken(0, 'An alias stands within what it stands for.') : {value, sourceOf}
  } catch (error) {
    // What is left to go wrong are aliases: of nothing, or of so much that it would fill the memory.
    return broken(offsetOfBrokenAlias(document), messageOf(error))
  }
}

function offsetOfBrokenAlias(document: Document): number {
  let offset = 0
  visit(document, {
    Alias(_key, alias) {
      if (alias.resolve(document)) return undefined
      offset = alias.range?.[0] ?? 0
      return visit.BREAK
    },
  })
  return offset
}

function offsetOf({contents}: Document, path: readonly PropertyKey[]): number {
  let node: unknown = contents
  let offset = contents?.range?.[0] ?? 0
  for (const key of path) {
    const child = childOf(node, key)
    if (!child) break
    const [start, value] = child
    offset = start.range?.[0] ?? offset
    node = value
  }

  return offset
}

/** What stands at `key`: the node to point at, and the value. Keys of YAML may be numbers, those of JavaScript are not. */
function childOf(node: unknown, key: PropertyKey): [Node, unknown] | undefined {
  if (isSeq(node)) {
    const item = node.items[Number(key)]
    return item ? [item as Node, item] : undefined
  }

  if (!isMap(node)) return undefined
  const pair = node.items.find((item) => isPair(item) && String(item.key) === String(key))
  return pair ? [pair.key as Node, pair.value] : undefined
}

/**
 * Some ten thousand `[` end the whole process in the library (yaml 2.9 on Node
 * 20: "RegExpCompiler Allocation failed"), and a repository may hold them. Its
 * tokens, unlike its nodes, are read without recursion.
 */
function isTooDeep(text: string): boolean {
  let level: unknown[] = [...new Parser().parse(text)]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > DEEPEST) return true
    level = level.flatMap((token) => partsOf(token))
  }

  return false
}

/** What a token of the library holds: a document its value, a collection its items, an item its key and value. */
function partsOf(token: unknown): unknown[] {
  if (typeof token !== 'object' || token === null) return []
  const {items = [], key, value} = token as {items?: unknown[]; key?: unknown; value?: unknown}
  return [...items, key, value].filter((part) => typeof part === 'object' && part !== null)
}

function isEndless(value: unknown, above: readonly object[] = [], done = new Set<object>()): boolean {
  if (typeof value !== 'object' || value === null || done.has(value)) return false
  if (above.includes(value)) return true
  const found = Object.values(value).some((part) => isEndless(part, [...above, value], done))
  done.add(value)
  return found
}

/** In tokens; a section in a section takes two. Settings are three deep. */
const DEEPEST = 150
