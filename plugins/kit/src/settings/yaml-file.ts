import {isMap, isSeq, LineCounter, parseDocument, Parser, visit, type Document, type Node} from 'yaml'
import {messageOf} from '../errors/failure.js'
import type {Problem, Source} from './check.js'

/** How settings are read: no types but those of JSON, and nothing printed by the library itself. */
export const YAML = {
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
    const {col, line} = counter.linePos(offset)
    // An empty text has no first line.
    return {kind, file, line: line || 1, column: col || 1}
  }

  const broken = (offset: number, message: string): YamlFile => ({
    value: undefined,
    problem: {source: at(offset), key: '', message, hints: []},
    sourceOf: () => at(offset),
  })
  if (isTooDeep(text)) return broken(0, 'Lists and sections are nested too deep.')
  const document = parseDocument(text, {...YAML, lineCounter: counter})
  const [error] = document.errors
  if (error) return broken(error.pos[0], error.message)
  let wrongAlias: YamlFile | undefined
  visit(document, {
    Alias(_key, alias, path) {
      const target = alias.resolve(document)
      if (target && !path.includes(target)) return undefined
      const message = target
        ? 'An alias is inside of what it stands for.'
        : `There is no anchor ${alias.source}.`
      wrongAlias = broken(alias.range?.[0] ?? 0, message)
      return visit.BREAK
    },
  })
  if (wrongAlias) return wrongAlias
  try {
    return {value: document.toJS(), sourceOf: (path) => at(offsetOf(document, path))}
  } catch (error) {
    // Aliases of so much that it would fill the memory.
    return broken(0, messageOf(error))
  }
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
 * Some ten thousand `[` end the whole process in the library (yaml 2.9 on Node 20: "RegExpCompiler Allocation
 * failed"), and a repository may hold them. Its tokens, unlike its nodes, are read without recursion.
 */
function isTooDeep(text: string): boolean {
  let level: unknown[] = [...new Parser().parse(text)]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) return true
    const parts = level.flatMap((token) => Object.values(token as object).flat() as unknown[])
    level = parts.filter((part) => Object(part) === part)
  }

  return false
}

/** In tokens; a section in a section takes two. Settings are three deep. */
const MAX_DEPTH = 150
