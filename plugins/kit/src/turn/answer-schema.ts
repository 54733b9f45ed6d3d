import {existsSync} from 'node:fs'
import {resolve} from 'node:path'
import type {ErrorObject, ValidateFunction} from 'ajv'
import type {Invocation, JsonSchema, Refusal, Turn} from 'clinvk-contract'
import type {BackendEntry} from '../backends/discover.js'
import {Failure, isFailure, messageOf} from '../errors/failure.js'
import {readText} from '../files/read-file.js'
import {isRecord} from '../format/is-record.js'
import {oneLine} from '../format/text.js'
import {refusalByDescriptor} from './refuse.js'

export interface AnswerSchema {
  readonly value: JsonSchema
  /** What does not fit, a few words each; empty where all does. */
  problems(answer: unknown): string[]
}

/**
 * The plan of a turn whose answer must fit a schema: the agent is told by its own means where its backend plans that,
 * else in the prompt. Throws a Failure of kind `usage` where it is not a schema.
 */
export async function planBySchema(
  source: string | JsonSchema,
  plain: Turn,
  cwd: string,
  {descriptor}: Pick<BackendEntry, 'descriptor'>,
  plan: (turn: Turn) => Invocation | Refusal,
): Promise<{turn: Turn; invocation: Invocation | Refusal; schema: AnswerSchema}> {
  const schema = await readSchema(source, cwd)
  if (descriptor.capabilities.schema) {
    const turn = {...plain, schema: schema.value}
    const invocation = plan(turn)
    if (invocation.kind !== 'refusal' || invocation.option !== '--schema') return {turn, invocation, schema}
  }
  const words = inWords(schema)
  // A prompt that asks again says it already.
  const prompt = plain.prompt.includes(words) ? plain.prompt : `${plain.prompt}\n\n${words}`
  const turn = {...plain, prompt}
  return {turn, invocation: refusalByDescriptor(descriptor, turn) ?? plan(turn), schema}
}

/** For an agent that has no other way to be told. */
export function inWords({value}: Pick<AnswerSchema, 'value'>): string {
  return `Your answer must be one JSON value that fits this JSON Schema, and nothing else: no explanation, no code fence.\n\n${JSON.stringify(value)}`
}

/** A path is relative to `cwd`. Throws a Failure of kind `usage`. */
export async function readSchema(source: string | JsonSchema, cwd: string): Promise<AnswerSchema> {
  const path = typeof source === 'string' && !/^\s*\{/.test(source) ? resolve(cwd, source) : undefined
  const fail = (what: string, cause?: unknown) =>
    new Failure('usage', `The schema${path === undefined ? '' : ` ${path}`} ${what}`, [], {cause})
  if (path !== undefined && !existsSync(path)) throw fail('does not exist.')
  let otherwise = 'cannot be read'
  try {
    const given = typeof source === 'string' ? source : JSON.stringify(source)
    const text = path === undefined ? given : readText(path, LARGEST_SCHEMA)
    // It is an argument for agents, and Linux allows 128 KiB of one.
    if (text.length > LARGEST_SCHEMA)
      throw fail(`has ${text.length} characters, and may have ${LARGEST_SCHEMA}.`)
    otherwise = 'is not JSON'
    const value: unknown = JSON.parse(text)
    otherwise = 'is not a JSON Schema'
    const elsewhere = otherReference(value)
    if (elsewhere !== undefined)
      throw fail(`refers to ${elsewhere}. References may only lead into the schema itself: #/$defs/NAME`)
    if (!isRecord(value)) throw new Error('it must be an object')
    return await compile(value as JsonSchema)
  } catch (error) {
    throw isFailure(error) ? error : fail(`${otherwise}: ${messageOf(error)}.`, error)
  }
}

/** The first reference that leads out of the schema. */
function otherReference(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  for (const [key, inside] of Object.entries(value)) {
    const found =
      typeof inside === 'string'
        ? REFERENCES.has(key) && !inside.startsWith('#')
          ? inside
          : undefined
        : otherReference(inside)
    if (found !== undefined) return found
  }
  return undefined
}

const REFERENCES = new Set(['$ref', '$dynamicRef', '$recursiveRef'])

/** Throws an error that says what is wrong with the schema. */
async function compile(value: JsonSchema): Promise<AnswerSchema> {
  const {$schema: named = '2020-12'} = value
  const dialect = JSON.stringify(named)
  // As most do, formats are taken for a description; unknown words mean nothing.
  const options = {allErrors: true, logger: false, strict: false, validateFormats: false} as const
  const ajv = dialect.includes('2020-12')
    ? new (await import('ajv/dist/2020.js')).default.Ajv2020(options)
    : new (await import('ajv')).default.Ajv(options)
  if (!/2020-12|draft-07/.test(dialect))
    throw new Error(`its $schema is ${dialect}, and may be draft-07 or 2020-12`)
  if (!ajv.validateSchema(value)) throw new Error(problem(ajv.errors![0]!, 'it'))
  // A word of this library's own, which would make the check a promise.
  const validate: ValidateFunction = ajv.compile({...value, $async: undefined})
  return {
    value,
    problems: (answer) =>
      validate(answer)
        ? []
        : (validate.errors ?? []).slice(0, MOST_PROBLEMS).map((one) => problem(one, 'it')),
  }
}

/** `/age must be integer` */
function problem({instancePath, message = '', params}: ErrorObject, whole: string): string {
  const {additionalProperty, allowedValue, allowedValues, unevaluatedProperty} = params
  const detail: unknown = additionalProperty ?? unevaluatedProperty ?? allowedValues ?? allowedValue
  const more = detail === undefined ? '' : `: ${JSON.stringify(detail)}`
  return oneLine(`${instancePath || whole} ${message}${more}`).slice(0, 300)
}

const LARGEST_SCHEMA = 64 * 1024
const MOST_PROBLEMS = 5
