import {safeParse, type core} from 'zod/mini'
import {nearest} from '../format/text.js'
import {parseValue} from './parse-value.js'
import type {Problem, Source} from './problem.js'
import {childOf, keysOf, namedSettings, schemaAt, settingOf, type Schema} from './setting.js'

/** One value of a settings file, a variable or a command line. */
export interface Entry {
  readonly path: readonly string[]
  readonly value: unknown
  readonly source: Source
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
  const issues = (safeParse(schema, value).error?.issues ?? []).flatMap((issue) =>
    pathsOf(issue).map((path) => ({path, ...explained(issue, path, value, schema)})),
  )
  return {
    entries: leavesOf(value, schema)
      .filter(({path}) => !issues.some((issue) => isWithin(path, issue.path)))
      .map((leaf) => ({...leaf, source: sourceOf(leaf.path)})),
    problems: issues.map(({path, ...issue}) => ({
      source: sourceOf(path),
      key: path.map(String).join('.'),
      ...issue,
    })),
  }
}

/** A key of the same section, or the same key of another one. */
export function nearKey(path: readonly string[], schema: Schema): string | undefined {
  const above = path.slice(0, -1)
  const last = path.at(-1) ?? ''
  const section = schemaAt(above, schema)
  const sibling = section && nearest(last, keysOf(section))
  if (sibling !== undefined) return [...above, sibling].join('.')
  const all = namedSettings(schema).map((setting) => setting.path)
  const keys = all.map((other) => other.join('.'))
  return all.find((other) => other.at(-1) === last)?.join('.') ?? nearest(path.join('.'), keys)
}

/** A value as messages show it. */
export function described(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)
  if (Array.isArray(value)) return 'A list'
  return isRecord(value) ? 'A section with keys' : String(value)
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Without what is not set; text becomes the number, list or switch that it stands for. */
function normalized(value: unknown, schema: Schema): unknown {
  const {kind} = settingOf(schema)
  if (kind === 'section' && isRecord(value)) {
    const entries = Object.entries(value).flatMap(([key, child]): [string, unknown][] => {
      const type = childOf(schema, key)
      if (!type) return [[key, child]]
      return isUnset(child, type) ? [] : [[key, normalized(child, type)]]
    })
    return Object.fromEntries(entries)
  }

  return typeof value === 'string' && kind !== 'any' ? (parseValue(value, kind) ?? value) : value
}

function isUnset(value: unknown, type: Schema): boolean {
  return (value ?? null) === null || (value === '' && /^(?:text|choice)$/.test(settingOf(type).kind))
}

function leavesOf(value: unknown, schema: Schema, path: readonly string[] = []): Omit<Entry, 'source'>[] {
  if (settingOf(schema).kind !== 'section' || !isRecord(value)) return path.length > 0 ? [{path, value}] : []
  return Object.entries(value).flatMap(([key, child]) => {
    const type = childOf(schema, key)
    return type ? leavesOf(child, type, [...path, key]) : []
  })
}

function pathsOf(issue: core.$ZodIssue): PropertyKey[][] {
  return issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path]
}

function explained(
  issue: core.$ZodIssue,
  path: readonly PropertyKey[],
  value: unknown,
  schema: Schema,
): Pick<Problem, 'message' | 'hints'> {
  if (issue.code === 'unrecognized_keys') {
    const near = nearKey(path.map(String), schema)
    const hint = near === undefined ? 'All settings: clinvk config show' : `Did you mean: ${near}`
    return {message: 'there is no such setting.', hints: [hint]}
  }

  const found = path.reduce<unknown>(
    (part, key) => (part as Record<PropertyKey, unknown> | undefined)?.[key],
    value,
  )
  const type = schemaAt(path, schema)
  const {allowed, choices = []} = type ? settingOf(type) : {allowed: 'text'}
  const near = typeof found === 'string' ? nearest(found.toLowerCase(), choices) : undefined
  const rule = issue.code === 'invalid_format' ? issue.message : allowed
  return {
    message: `${described(found)} is not allowed. Allowed: ${rule}.`,
    hints: near === undefined ? [] : [`Did you mean: ${near}`],
  }
}

function isWithin(path: readonly PropertyKey[], other: readonly PropertyKey[]): boolean {
  const length = Math.min(path.length, other.length)
  return path.slice(0, length).every((key, index) => key === String(other[index]))
}
