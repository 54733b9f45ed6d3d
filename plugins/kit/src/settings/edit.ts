import {isDeepStrictEqual} from 'node:util'
import {isCollection, isMap, isNode, isPair, isScalar, parseDocument} from 'yaml'
import type {Node, Pair, YAMLMap} from 'yaml'
import {Failure} from '../errors/failure.js'
import {isRecord} from '../format/is-record.js'
import {YAML} from './yaml-file.js'

/**
 * The text of a settings file with one value set; everything else stays as it is written. Throws a Failure where that
 * cannot be done without changing another value.
 */
export function withValue(text: string, path: readonly string[], value: unknown): string {
  return checked(text, changed(text && text.replace(/\n?$/, '\n'), path, value), path, value)
}

/** The text without a key, or what is set in a section; undefined when that is nothing. Comments stay. */
export function withoutKey(text: string, path: readonly string[]): string | undefined {
  const document = parseDocument(text, YAML)
  if (!document.hasIn(path)) return undefined
  const paths = leavesBelow(document.getIn(path, true), path)
  const after = paths.reduce((before, leaf) => removed(before, leaf), text)
  return after === text ? undefined : checked(text, after, path)
}

function leavesBelow(node: unknown, path: readonly string[]): (readonly string[])[] {
  if (!isMap(node) || node.items.length === 0) return [path]
  return node.items.flatMap(({key, value}) => leavesBelow(value, [...path, String(key)]))
}

export function yamlValue(value: unknown): string {
  const isPlain = typeof value === 'string' && /^[A-Za-z][\w.-]*$/.test(value) && !NOT_TEXT.test(value)
  return isPlain ? value : JSON.stringify(value)
}

function changed(text: string, path: readonly string[], value: unknown): string {
  let node: unknown = parseDocument(text, YAML).contents
  let pair: Pair<Node> | undefined
  let depth = 0
  for (; depth < path.length && isMap(node); depth++) {
    const found = pairAt(node, path[depth]!)
    if (!found) return withPair(text, node, path.slice(depth), value)
    pair = found
    node = found.value
  }

  const rest = path.slice(depth)
  const isNothing = node === null || (isScalar(node) && node.value === null)
  if (rest.length > 0 && !isNothing) return text
  if (!pair) return `${text && `${text.trimEnd()}\n\n`}${linesOf(text, rest, value, 0)}`
  const colon = text.indexOf(':', pair.key.range![1]) + 1
  const [start, end] = isNode(node) && node.range ? node.range : [colon, colon]
  if (start < end) {
    const isBelow = text.slice(colon, start).includes('\n')
    const lineBreak = text.slice(start, end).endsWith('\n') ? '\n' : ''
    return splice(
      text,
      isBelow ? colon : start,
      end,
      (isBelow ? ' ' : '') + inBraces(rest, value) + lineBreak,
    )
  }

  if (rest.length === 0) return splice(text, colon, colon, ` ${yamlValue(value)}`)
  const lines = linesOf(text, rest, value, columnOf(text, pair.key) + stepOf(text))
  return splice(text, lineEnd(text, colon), lineEnd(text, colon), lines)
}

function withPair(text: string, section: YAMLMap, path: readonly string[], value: unknown): string {
  const last = section.items.at(-1) as Pair<Node> | undefined
  if (!section.flow && last) {
    const at = linesEnd(text, last)
    return splice(text, at, at, linesOf(text, path, value, columnOf(text, section)))
  }

  const at = last ? endOf(last) : section.range![0] + 1
  return splice(text, at, at, `${last ? ', ' : ''}${inBraces(path, value).slice(1, -1)}`)
}

function removed(text: string, path: readonly string[]): string {
  const {contents} = parseDocument(text, YAML)
  const above: (Pair<Node> | undefined)[] = [undefined]
  let section = contents as YAMLMap
  for (const key of path) {
    above.push(pairAt(section, key))
    if (above.length <= path.length) section = above.at(-1)!.value as YAMLMap
  }

  const [parent, pair] = above.slice(-2) as [Pair<Node> | undefined, Pair<Node>]
  const [before, after] = [-1, 1].map(
    (step) => section.items[section.items.indexOf(pair) + step],
  ) as Pair<Node>[]
  // The comments of a section that sets nothing.
  if (endOf(pair.value) === 0 && text.slice(endOf(pair.key), linesEnd(text, pair)).includes('#')) return text
  let [start, end] = [pair.key.range![0], endOf(pair)]
  if (!section.flow) [start, end] = [start - columnOf(text, pair.key), linesEnd(text, pair)]
  else if (after) end = after.key.range![0]
  else if (before) start = endOf(before)
  // A section that would be empty goes, too, unless comments are in it.
  const others = parent ? text.slice(endOf(parent.key), start) + text.slice(end, linesEnd(text, parent)) : '#'
  if (section.items.length === 1 && !others.includes('#')) return removed(text, path.slice(0, -1))
  return splice(text, start, end, '')
}

/** The changed text, unless more than the value at `path` has changed. */
function checked(before: string, after: string, path: readonly string[], value?: unknown): string {
  try {
    const isBelow = ([key]: [string, unknown]) =>
      path.every((name, index) => (JSON.parse(key) as string[])[index] === name)
    const wanted = new Map([...valuesOf(before)].filter((entry) => !isBelow(entry)))
    if (value !== undefined) wanted.set(JSON.stringify(path), value)
    if (isDeepStrictEqual(valuesOf(after), wanted))
      return before.includes('\r\n') ? after.replaceAll(/\r?\n/g, '\r\n') : after
  } catch {
    // The YAML is broken, or an alias has lost what it stands for.
  }

  throw new Failure('config', 'The file is written in a way that clinvk cannot change safely.', [
    'Change it yourself: clinvk config edit',
  ])
}

/** What is set, by its path as JSON. */
function valuesOf(text: string): Map<string, unknown> {
  const document = parseDocument(text, YAML)
  if (document.errors[0]) throw document.errors[0]
  const leaves = (value: unknown, path: string[]): [string, unknown][] => {
    if (isRecord(value)) return Object.entries(value).flatMap(([key, child]) => leaves(child, [...path, key]))
    return (value ?? null) === null ? [] : [[JSON.stringify(path), value]]
  }

  return new Map(leaves(document.toJS(), []))
}

function pairAt({items}: YAMLMap, key: string): Pair<Node> | undefined {
  return items.find((pair) => isScalar(pair.key) && pair.key.value === key) as Pair<Node> | undefined
}

/** Where the last thing ends that is written of a node. */
function endOf(node: unknown, otherwise = 0): number {
  if (isPair(node)) return endOf(node.value, endOf(node.key))
  if (isCollection(node) && !node.flow) return endOf(node.items.at(-1), otherwise)
  const [start, end] = isNode(node) && node.range ? node.range : [0, 0]
  return start < end ? end : otherwise
}

/** Where the lines of a key end, with the comments below it that are indented deeper. */
function linesEnd(text: string, pair: Pair<Node>): number {
  const end = lineEnd(text, endOf(pair))
  const comments = RegExp(`^(?:(?:[ \\t]*\\r?\\n)* {${columnOf(text, pair.key) + 1},}#[^\\n]*(?:\\n|$))*`)
  return end + comments.exec(text.slice(end))![0].length
}

function lineEnd(text: string, offset: number): number {
  return text[offset - 1] === '\n' ? offset : text.indexOf('\n', offset) + 1 || text.length
}

function columnOf(text: string, {range}: Node): number {
  return range![0] - (text.lastIndexOf('\n', range![0] - 1) + 1)
}

/** `a:\n  b: value\n`. */
function linesOf(text: string, path: readonly string[], value: unknown, indent: number): string {
  const lines = path.map((key, depth) => `${' '.repeat(indent + depth * stepOf(text))}${yamlValue(key)}:`)
  return `${lines.join('\n')} ${yamlValue(value)}\n`
}

/** `{a: {b: value}}`. */
function inBraces(path: readonly string[], value: unknown): string {
  return path.reduceRight((inner, key) => `{${yamlValue(key)}: ${inner}}`, yamlValue(value))
}

function splice(text: string, start: number, end: number, put: string): string {
  return text.slice(0, start) + put + text.slice(end)
}

function stepOf(text: string): number {
  return /^( {1,8})\w[\w-]*:/m.exec(text)?.[1]?.length ?? 2
}

const NOT_TEXT = /^(?:null|true|false|yes|no|on|off|y|n)$/i
