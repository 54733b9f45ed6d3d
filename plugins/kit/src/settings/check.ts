import {safeParse, type core} from 'zod/mini'
import {Failure} from '../errors/failure.js'
import {isRecord} from '../format/is-record.js'
import {nearest, oneLine} from '../format/text.js'
import {childOf, keysOf, namedSettings, parseValue, schemaAt, settingOf, type Schema} from './setting.js'

export interface Entry {
  readonly path: readonly string[]
  readonly value: unknown
  readonly source: Source
}

export type Source =
  | {readonly kind: 'default'}
  | {readonly kind: 'user' | 'project'; readonly file: string; readonly line: number; readonly column: number}
  | {readonly kind: 'environment'; readonly variable: string}

export interface Problem {
  readonly source: Source
  /** `session.auto_resume`; empty where the whole file is meant. */
  readonly key: string
  readonly message: string
  /** What to do next, one sentence or command a line. */
  readonly hints: readonly string[]
}

export interface Checked {
  /** The valid values, key by key, in the order in which they were found. */
  readonly entries: readonly Entry[]
  readonly problems: readonly Problem[]
}

/** Checks settings as they were found. Undefined, `null` and an empty text mean: not set. */
export function check(
  found: unknown,
  schema: Schema,
  sourceOf: (path: readonly PropertyKey[]) => Source,
): Checked {
  const value = normalized(found ?? {}, schema)
  // What a project's file says must not get into a message: it may be a link to a secret.
  const isQuoted = sourceOf([]).kind !== 'project'
  const issues = (safeParse(schema, value).error?.issues ?? []).flatMap((issue) =>
    pathsOf(issue).map((path) => ({issue, path})),
  )
  const wrong = new Set(issues.map(({path}) => keyOf(path)))
  const holdsWrong = new Set(issues.flatMap(({path}) => path.map((_, depth) => keyOf(path.slice(0, depth)))))
  const isValid = (path: readonly string[]) =>
    !holdsWrong.has(keyOf(path)) && !path.some((_, depth) => wrong.has(keyOf(path.slice(0, depth + 1))))
  return {
    entries: leavesOf(value, schema).flatMap((leaf) =>
      isValid(leaf.path) ? [{...leaf, source: sourceOf(leaf.path)}] : [],
    ),
    problems: issues.map(({issue, path}, index) => ({
      source: sourceOf(path),
      key: keyOf(path),
      ...explained(issue, path, value, schema, {isQuoted, isCompared: index < MAX_COMPARED}),
    })),
  }
}

function keyOf(path: readonly PropertyKey[]): string {
  return path.map(String).join('.')
}

/** A place in a message: `/home/ada/.clinvk/config.yaml:3:5`, `CLINVK_BACKEND`. */
export function placeOf(source: Source): string {
  if (source.kind === 'default') return 'default'
  return source.kind === 'environment' ? source.variable : `${source.file}:${source.line}:${source.column}`
}

export function problemText({key, message, source}: Problem): string {
  // Keys and values come from a file that somebody else may have written.
  return oneLine(`${placeOf(source)}: ${key === '' ? '' : `${key}: `}${message}`)
}

/** The error of a command that cannot run with these settings: the first problem, and how many there are. */
export function failureOf([first, ...others]: readonly [Problem, ...Problem[]]): Failure {
  const more = others.length === 1 ? '1 more problem' : `${others.length} more problems`
  const {hints, source} = first
  return new Failure('config', problemText(first), [
    ...hints.map((hint) => oneLine(hint)),
    ...(hints.length === 0 && source.kind === 'user' ? ['Correct it: clinvk config edit'] : []),
    ...(others.length > 0 ? [`${more}: clinvk config validate`] : []),
  ])
}

/** A key of the same section, or the same key of another one. */
export function nearKey(path: readonly string[], schema: Schema): string | undefined {
  const above = path.slice(0, -1)
  const last = path.at(-1) ?? ''
  const section = schemaAt(above, schema)
  const sibling = section && nearest(last, keysOf(section))
  if (sibling !== undefined) return [...above, sibling].join('.')
  const keys = namedSettings(schema).map((setting) => setting.path.join('.'))
  return keys.find((key) => key.split('.').at(-1) === last) ?? nearest(path.join('.'), keys)
}

export function described(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)
  if (Array.isArray(value)) return value.length === 0 ? 'An empty list' : 'A list'
  return isRecord(value) ? 'A section with keys' : String(value)
}

/** Without what is not set; text becomes the number, list or switch that it stands for. */
function normalized(value: unknown, schema: Schema): unknown {
  const {kind} = settingOf(schema)
  if (kind !== 'section' || !isRecord(value))
    return typeof value === 'string' && kind !== 'any' ? (parseValue(value, kind) ?? value) : value
  const entries = Object.entries(value).flatMap(([key, child]): [string, unknown][] => {
    const type = childOf(schema, key)
    if (!type) return [[key, child]]
    const isUnset =
      (child ?? null) === null || (child === '' && /^(?:text|choice)$/.test(settingOf(type).kind))
    return isUnset ? [] : [[key, normalized(child, type)]]
  })
  return Object.fromEntries(entries)
}

function leavesOf(value: unknown, schema: Schema, path: readonly string[] = []): Omit<Entry, 'source'>[] {
  if (settingOf(schema).kind !== 'section' || !isRecord(value)) return path.length > 0 ? [{path, value}] : []
  return Object.entries(value).flatMap(([key, child]) => {
    const type = childOf(schema, key)
    return type ? leavesOf(child, type, [...path, key]) : []
  })
}

/** What an issue is about: each key that is unknown, else one value. */
export function pathsOf(issue: core.$ZodIssue): PropertyKey[][] {
  return issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path]
}

export function valueAt(path: readonly PropertyKey[], value: unknown): unknown {
  return path.reduce((part, key) => (part as Record<PropertyKey, unknown> | undefined | null)?.[key], value)
}

function explained(
  issue: core.$ZodIssue,
  path: readonly PropertyKey[],
  value: unknown,
  schema: Schema,
  {isCompared, isQuoted}: {isCompared: boolean; isQuoted: boolean},
): Pick<Problem, 'message' | 'hints'> {
  if (issue.code === 'unrecognized_keys') {
    const near = isCompared ? nearKey(path.map(String), schema) : undefined
    const hint = near === undefined ? 'All settings: clinvk config show' : `Did you mean: ${near}`
    return {message: 'there is no such setting.', hints: [hint]}
  }

  const found = valueAt(path, value)
  const type = schemaAt(path, schema)
  const {allowed, choices = []} = type ? settingOf(type) : {allowed: 'text'}
  const near = typeof found === 'string' ? nearest(found.toLowerCase(), choices) : undefined
  const rule = issue.code === 'invalid_format' ? issue.message : allowed
  return {
    message: `${isQuoted ? described(found) : 'This value'} is not allowed. Allowed: ${rule}.`,
    hints: near === undefined ? [] : [`Did you mean: ${near}`],
  }
}

/** To look for the nearest of all settings takes a millisecond, and a file may have thousands of other keys. */
const MAX_COMPARED = 20
