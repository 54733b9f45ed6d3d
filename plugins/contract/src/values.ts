import {isAbsolute} from 'node:path'
import * as z from 'zod/mini'
import type {Json} from './contract.js'

export type Schema<T> = z.ZodMiniType<T>

/** A schema for each field of `T`: the compiler sees that none is missing. */
export type Fields<T> = {[K in keyof Required<T>]: Schema<T[K]>}

export const may = z.optional

/** The same schema for several fields. */
export function each<const Name extends string, T>(
  names: readonly Name[],
  schema: Schema<T>,
): Record<Name, Schema<T>> {
  return Object.fromEntries(names.map((name) => [name, schema])) as Record<Name, Schema<T>>
}

/** What a value must be, as the message of an issue. */
export function must(what: string): {error: string} {
  return {error: `must be ${what}`}
}

/** Text that passes a test. */
export function textThat(test: (text: string) => boolean, what: string): Schema<string> {
  return z.custom<string>((value) => typeof value === 'string' && test(value), must(what))
}

export function oneOf<const T extends readonly string[]>(values: T): Schema<T[number]> {
  return z.enum(values, must(choice(values)))
}

export function listOf<T>(item: Schema<T>): Schema<T[]> {
  return z.array(item, must('a list'))
}

export type ObjectSchema = <T>(fields: Fields<T>) => Schema<T>

/** Makes schemas of objects that refuse unknown fields, or ignore them. */
export function objectsOf({strict}: {strict: boolean}): ObjectSchema {
  const make = strict ? z.strictObject : z.object
  return <T>(fields: Fields<T>) =>
    make(fields as Record<string, z.ZodMiniType>, {
      error: (issue) =>
        issue.code === 'unrecognized_keys'
          ? `has \`${pathLabel(issue.keys.slice(0, 1))}\`, which the contract does not know`
          : 'must be an object',
    }) as unknown as Schema<T>
}

/** Several objects, told apart by the text in a field: `type`, `kind`. The fields of each, without that one. */
export type TaggedSchema = <T extends Readonly<Record<F, string>>, F extends keyof T & string>(
  field: F,
  variants: {[Tag in T[F]]: Fields<Omit<Variant<T, F, Tag>, F>>},
) => Schema<T>

type Variant<T, F extends keyof T, Tag> = T extends unknown ? (Tag extends T[F] ? T : never) : never

export function taggedOf(object: ObjectSchema): TaggedSchema {
  return (field, variants) => {
    const options = Object.entries<object>(variants).map(([tag, fields]) =>
      object({[field]: z.literal(tag), ...fields}),
    ) as unknown as readonly [z.ZodMiniObject]
    return z.discriminatedUnion(field, options, {
      // Its type lacks the code of what is no object.
      error: ({code}: {code: string}) =>
        code === 'invalid_type' ? 'must be an object' : `must be ${choice(Object.keys(variants))}`,
    }) as never
  }
}

/** An object whose keys are the author's own names. */
export function recordOf<T>(
  value: Schema<T>,
  isName: (name: string) => boolean,
  what: string,
): Schema<Record<string, T>> {
  return z.record(z.string().check(z.refine(isName)), value, {
    error: ({code}) => (code === 'invalid_key' ? `is not ${what}` : 'must be an object'),
  })
}

/** One line that a terminal shows as it is: no control characters, nothing that changes the direction of text. */
export function isLine(text: string): boolean {
  return text.trim() !== '' && text.length <= LONGEST_LINE && !UNPRINTABLE.test(text)
}

/** A path in a value, safe to print. */
export function pathLabel(path: readonly PropertyKey[]): string {
  const quoted = (key: string) =>
    JSON.stringify(key).replaceAll(new RegExp(UNPRINTABLE, 'g'), '?').replaceAll('`', "'")
  const label = path
    .map((key) =>
      typeof key === 'number'
        ? `[${key}]`
        : `.${/^[\w-]*$/.test(String(key)) ? String(key) : quoted(String(key))}`,
    )
    .join('')
    .replace(/^\./, '')
  return label.length > LONGEST_PATH ? `${label.slice(0, LONGEST_PATH)}…` : label
}

function choice(values: readonly string[]): string {
  return values.length > 2 ? `one of ${values.join(', ')}` : values.join(' or ')
}

function isJson(value: unknown): boolean {
  try {
    return typeof JSON.stringify(value) === 'string'
  } catch {
    return false
  }
}

const LONGEST_LINE = 2000
const LONGEST_PATH = 120
const UNPRINTABLE = /[\u0000-\u001F\u007F-\u009F\u2028\u2029\u200E\u200F\u202A-\u202E\u2066-\u2069]/

export const text = z.string(must('text'))
export const line = textThat(isLine, 'one line of text')
export const flag = z.boolean(must('true or false'))
export const json = z.custom<Json>(isJson, must('JSON'))
export const method = z.custom<never>((value) => typeof value === 'function', must('a function'))
export const absolutePath = textThat(isAbsolute, 'an absolute path')
/** No program can be given a NUL. */
export const argument = textThat((value) => !value.includes('\0'), 'text without a NUL byte')
export const TOKEN_COUNTS = [
  'input_tokens', 'output_tokens', 'cached_tokens', 'reasoning_tokens', 'total_tokens',
] as const // prettier-ignore
/** The counts of a model call. */
export const CALL_COUNTS = [
  'inputTokens', 'cachedTokens', 'cacheWriteTokens', 'cacheWrite1hTokens', 'outputTokens', 'reasoningTokens',
] as const // prettier-ignore
