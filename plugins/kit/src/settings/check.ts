import type {z} from 'zod'
import {nearest} from '../nearest.js'
import {fromText} from './from-text.js'
import type {Problem} from './problem.js'
import {childOf, keysOf, namedSettings, settingOf} from './setting.js'
import type {Source} from './source.js'

/** One value of a settings file, a variable or a command line. */
export interface Entry {
  readonly path: readonly string[]
  readonly value: unknown
  readonly source: Source
}

export interface Checked {
  /** What is right, key by key, in the order in which it was found. */
  readonly entries: readonly Entry[]
  readonly problems: readonly Problem[]
}

/** Checks settings as they were found. Nothing at all, `null` and an empty text mean: not set. */
export function check(
  found: unknown,
  schema: z.ZodType,
  sourceOf: (path: readonly PropertyKey[]) => Source,
): Checked {
  const value = normal(found ?? {}, schema)
  const {error} = schema.safeParse(value)
  const problems = (error?.issues ?? []).flatMap((issue) =>
    pathsOf(issue).map((path) => ({
      source: sourceOf(path),
      key: path.map(String).join('.'),
      ...explain(issue, path, value, schema),
      path,
    })),
  )
  const entries = leaves(value, schema)
    .filter(({path}) => !problems.some((problem) => isWithin(path, problem.path)))
    .map((leaf) => ({...leaf, source: sourceOf(leaf.path)}))
  return {entries, problems: problems.map(({path, ...problem}) => problem)}
}

/** Texts become what they stand for, where that is no text. */
function normal(value: unknown, schema: z.ZodType): unknown {
  const {kind} = settingOf(schema)
  if (kind === 'section' && isRecord(value)) {
    return Object.fromEntries(
      Object.entries(value).flatMap(([key, child]) => {
        const type = childOf(schema, key)
        if (!type) return [[key, child]]
        return isUnset(child, type) ? [] : [[key, normal(child, type)]]
      }),
    )
  }

  return typeof value === 'string' && kind !== 'any' ? (fromText(value, kind) ?? value) : value
}

function isUnset(value: unknown, type: z.ZodType): boolean {
  if (value === null || value === undefined) return true
  if (value !== '') return false
  const {kind} = settingOf(type)
  return kind === 'text' || kind === 'choice'
}

function leaves(value: unknown, schema: z.ZodType, path: readonly string[] = []): Omit<Entry, 'source'>[] {
  if (settingOf(schema).kind !== 'section' || !isRecord(value)) return path.length > 0 ? [{path, value}] : []
  return Object.entries(value).flatMap(([key, child]) => {
    const type = childOf(schema, key)
    return type ? leaves(child, type, [...path, key]) : []
  })
}

function pathsOf(issue: z.core.$ZodIssue): PropertyKey[][] {
  return issue.code === 'unrecognized_keys'
    ? issue.keys.map((key) => [...issue.path, key])
    : [[...issue.path]]
}

function explain(
  issue: z.core.$ZodIssue,
  path: readonly PropertyKey[],
  value: unknown,
  schema: z.ZodType,
): Pick<Problem, 'message' | 'hints'> {
  if (issue.code === 'unrecognized_keys') {
    const near = nearKey(path.map(String), schema)
    return {
      message: 'there is no such setting.',
      hints: near === undefined ? ['All settings: clinvk config show'] : [`Did you mean: ${near}`],
    }
  }

  const found = path.reduce<unknown>(
    (part, key) => (part as Record<PropertyKey, unknown> | undefined)?.[key],
    value,
  )
  const type = path.reduce<z.ZodType | undefined>((at, key) => at && childOf(at, String(key)), schema)
  const {allowed, choices} = type ? settingOf(type) : {allowed: 'a text'}
  const rule = issue.code === 'invalid_format' ? issue.message : allowed
  const near = choices && typeof found === 'string' ? nearest(found.toLowerCase(), choices) : undefined
  return {
    message: `${described(found)} is not allowed. Allowed: ${rule}.`,
    hints: near === undefined ? [] : [`Did you mean: ${near}`],
  }
}

/** A key of the same section, or the same key of another one. */
export function nearKey(path: readonly string[], schema: z.ZodType): string | undefined {
  const above = path.slice(0, -1)
  const last = path.at(-1) ?? ''
  const section = above.reduce<z.ZodType | undefined>((at, key) => at && childOf(at, key), schema)
  const sibling = section && nearest(last, keysOf(section))
  if (sibling !== undefined) return [...above, sibling].join('.')
  const others = namedSettings(schema).map((setting) => setting.path)
  const same = others.find((other) => other.at(-1) === last)
  return (
    same?.join('.') ??
    nearest(
      path.join('.'),
      others.map((other) => other.join('.')),
    )
  )
}

export function described(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)
  if (Array.isArray(value)) return 'A list'
  return typeof value === 'object' && value !== null ? 'A section with keys' : String(value)
}

function isWithin(path: readonly PropertyKey[], other: readonly PropertyKey[]): boolean {
  const length = Math.min(path.length, other.length)
  return path.slice(0, length).every((key, index) => key === String(other[index]))
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
