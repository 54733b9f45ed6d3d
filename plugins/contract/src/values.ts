import {isAbsolute} from 'node:path'
import * as z from 'zod/mini'
import type {Json} from './contract.js'

/** A schema that the compiler checks against the type `T`, field by field: none may be missing. */
export type Fields<T> = {[K in keyof Required<T>]: z.ZodMiniType<T[K]>}

/** One line that a terminal shows as it is: no control characters, nothing that changes the direction of text. */
export function isLine(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value.trim() !== '' &&
    value.length <= LONGEST_LINE &&
    !UNPRINTABLE.test(value)
  )
}

/** A copy of a valid value, or its first issue as the second half of a sentence, safe to print. */
export function validate<T>(
  schema: z.ZodMiniType<T>,
  value: unknown,
): {readonly value: T; readonly issue?: undefined} | {readonly value?: undefined; readonly issue: string} {
  const {data, error, success} = schema.safeParse(value)
  if (success) return {value: data}
  const {message, path} = error.issues[0]!
  return {issue: path.length === 0 ? `it ${message}` : `\`${shown(path)}\` ${message}`}
}

export function issueIn(schema: z.ZodMiniType, value: unknown): string | undefined {
  return validate(schema, value).issue
}

/** What a value must be, as the message of an issue. */
export function must(what: string): {error: string} {
  return {error: `must be ${what}`}
}

export function oneOf<const T extends readonly string[]>(values: T): z.ZodMiniType<T[number]> {
  return z.enum(values, mustBeOneOf(values))
}

export function listOf<T>(item: z.ZodMiniType<T>): z.ZodMiniType<T[]> {
  return z.array(item, must('a list'))
}

/** One of several objects, told apart by the text in a field: `type`, `kind`. */
export function tagged<T extends Readonly<Record<F, string>>, F extends keyof T & string>(
  field: F,
  schemas: {[Tag in T[F]]: z.ZodMiniType<T & Record<F, Tag>>},
): z.ZodMiniType<T> {
  const options = Object.values(schemas) as unknown as readonly [z.ZodMiniObject]
  const tag = mustBeOneOf(Object.keys(schemas))
  return z.discriminatedUnion(field, options, {
    // Its type lacks the code of what is no object.
    error: ({code}: {code: string}) => (code === 'invalid_type' ? 'must be an object' : tag.error),
  }) as unknown as z.ZodMiniType<T>
}

/** An object whose keys are the author's own names. */
export function recordOf<T>(
  value: z.ZodMiniType<T>,
  {is, isName}: {isName: (name: string) => boolean; is: string},
): z.ZodMiniType<Record<string, T>> {
  return z.record(z.string().check(z.refine(isName)), value, {
    error: ({code}) => (code === 'invalid_key' ? `is not ${is}` : 'must be an object'),
  })
}

/** Makes schemas of objects that allow unknown fields, or not. */
export function objectsOf({strict}: {strict: boolean}) {
  const make = strict ? z.strictObject : z.looseObject
  return <T>(fields: Fields<T>): z.ZodMiniType<T> =>
    make(fields as Record<string, z.ZodMiniType>, {
      error: (issue) =>
        issue.code === 'unrecognized_keys'
          ? `has \`${shown(issue.keys.slice(0, 1))}\`, which the contract does not know`
          : 'must be an object',
    }) as unknown as z.ZodMiniType<T>
}

export const text = z.string(must('text'))
export const line = z.custom<string>(isLine, must('one line of text'))
export const flag = z.boolean(must('true or false'))
/** No program can be given a NUL. */
export const argument = z.custom<string>(
  (value) => typeof value === 'string' && !value.includes('\0'),
  must('text without a NUL byte'),
)

export const json = z.custom<Json>(isJson, must('JSON'))
export const absolutePath = z.custom<string>(
  (value) => typeof value === 'string' && isAbsolute(value),
  must('an absolute path'),
)

export function isRegularExpression(pattern: unknown): boolean {
  try {
    return typeof pattern === 'string' && new RegExp(pattern) instanceof RegExp
  } catch {
    return false
  }
}

/** Whether it survives JSON. */
function isJson(value: unknown): boolean {
  try {
    return typeof JSON.stringify(value) === 'string'
  } catch {
    return false
  }
}

function mustBeOneOf(values: readonly string[]): {error: string} {
  return must(values.length > 2 ? `one of ${values.join(', ')}` : values.join(' or '))
}

function shown(path: readonly PropertyKey[]): string {
  const name = path
    .map((key) =>
      typeof key === 'number' ? `[${key}]` : `.${/^[\w-]*$/.test(String(key)) ? String(key) : quoted(key)}`,
    )
    .join('')
    .replace(/^\./, '')
  return name.length > LONGEST_PATH ? `${name.slice(0, LONGEST_PATH)}…` : name
}

function quoted(key: PropertyKey): string {
  return JSON.stringify(String(key)).replaceAll(UNPRINTABLE_CHARACTERS, '?').replaceAll('`', "'")
}

const LONGEST_LINE = 2000
const LONGEST_PATH = 120
const UNPRINTABLE = /[\u0000-\u001F\u007F-\u009F\u2028\u2029\u200E\u200F\u202A-\u202E\u2066-\u2069]/
const UNPRINTABLE_CHARACTERS = new RegExp(UNPRINTABLE, 'g')
