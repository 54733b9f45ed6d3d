import {isAbsolute, relative} from 'node:path'
import type {Denial, Invocation, Json, JsonSchema, Program} from 'clinvk-contract'
import type {ProgramAnswer, Question, Refusal, Turn} from 'clinvk-contract'

/** Options with their values; one that has several comes with each of them, one without is left out. */
export function options(values: Readonly<Record<string, string | readonly string[] | undefined>>): string[] {
  return Object.entries(values).flatMap(([name, value = []]) => [value].flat().flatMap((one) => [name, one]))
}

/** A start of the agent's program that is no turn. */
export function program(args: readonly string[], env?: Invocation['env']): Program {
  return {kind: 'program', args, env}
}

/** Removes variables from the agent's environment, such as those that make it believe that it runs inside another agent. */
export function unset(names: readonly string[]): Record<string, undefined> {
  return Object.fromEntries(names.map((name) => [name, undefined]))
}

/** Asks an agent for its version: the first number with two dots that it prints. */
export function versionQuestion(env?: Invocation['env']): Question {
  return {
    ...program(['--version'], env),
    read: ({stdout}: ProgramAnswer) => ({version: /\d+\.\d+\.\d+[\w.-]*/.exec(stdout)?.[0]}),
  }
}

export function refusal(option: string, reason: string, instead = 'Leave out one of the two.'): Refusal {
  return {kind: 'refusal', option, reason, instead}
}

export function readOnlyRefusal(agent: string): Refusal {
  const reason = `the one lets ${agent} edit files, the other forbids it`
  return refusal('--approval-mode auto --sandbox-mode read-only', reason)
}

/** Refuses an argument of the user that would change what clinvk reads, or what it sets itself. */
export function extraRefusal(
  agent: string,
  {extra}: Turn,
  isReserved: (word: string, before?: string) => boolean,
): Refusal | undefined {
  const word = extra.find((word, index) => isReserved(word, extra[index - 1]))
  if (word === undefined) return undefined
  const reason = `clinvk uses this option of ${agent} itself`
  return refusal(`--extra ${word}`, reason, 'Use the flag of clinvk that does it: clinvk prompt --help')
}

/** A denied tool use, with the flags of this turn and those that would have allowed it, too. */
export function denialOf(
  tool: string,
  target: string | undefined,
  {addDirs, allowedTools, approval, sandbox}: Turn,
  missing: readonly string[],
): Denial {
  const allow = [
    // A read-only mode denies whatever else is allowed.
    ...(sandbox === 'read-only' ? ['--sandbox-mode', 'default'] : []),
    ...(sandbox === 'full' ? ['--sandbox-mode', 'full'] : []),
    ...(approval === 'auto' ? ['--approval-mode', 'auto'] : []),
    ...options({'--allowed-tools': allowedTools, '--add-dir': addDirs}),
    ...missing,
  ]
  return {tool, target, allow}
}

/** A rule that allows this command alone, or the whole tool where the command is long or has special characters. */
export function commandRule(tool: string, command: string | undefined): string {
  return command !== undefined && command.length <= 80 && /^[\w@%+=:./ -]+$/.test(command)
    ? `${tool}(${command})`
    : tool
}

/** Whether a path is in none of the directories that the agent may use; a relative one is. */
export function isOutside(path: string, {addDirs, cwd}: Turn): boolean {
  return (
    isAbsolute(path) &&
    [cwd, ...addDirs].every((directory) => {
      const way = relative(directory, path)
      return way.startsWith('..') || isAbsolute(way)
    })
  )
}

/** The first of these fields that is a text: what a tool works on, for people. */
export function firstText(input: unknown, fields: readonly string[]): string | undefined {
  const values = Object(input) as Record<string, unknown>
  return fields
    .map((field) => values[field])
    .find((value): value is string => typeof value === 'string' && value !== '')
}

export interface SchemaSubset {
  /** Words of JSON Schema that the agent, or the API behind it, knows. */
  readonly keywords: ReadonlySet<string>
  /** Where `format` is one of the keywords. */
  readonly formats?: ReadonlySet<Json>
  /** What else must hold for each schema inside, and for the whole. */
  fits?(schema: JsonSchema): boolean
}

/** Whether an agent that knows only a part of JSON Schema can be given this one: all that stands in it is of that part. */
export function isInSubset(schema: Json | undefined, subset: SchemaSubset): boolean {
  if (typeof schema === 'boolean') return true
  if (!isObject(schema)) return false
  const {$schema: _, ...words} = schema
  if (subset.fits?.(schema) === false) return false
  return Object.entries(words).every(
    ([keyword, value]) =>
      subset.keywords.has(keyword) &&
      (keyword !== 'format' || subset.formats?.has(value) === true) &&
      schemasIn(keyword, value).every((inside) => isInSubset(inside, subset)),
  )
}

/** The schemas in the value of a keyword; in other values anything may stand. */
function schemasIn(keyword: string, value: Json): readonly Json[] {
  if (NAMED.has(keyword) && isObject(value)) return Object.values(value)
  if (!INSIDE.has(keyword)) return []
  return Array.isArray(value) ? (value as readonly Json[]) : [value]
}

export function isObject(value: Json | undefined): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const NAMED = new Set(['properties', 'patternProperties', '$defs', 'definitions'])
const INSIDE = new Set([
  'items', 'additionalItems', 'contains', 'additionalProperties', 'propertyNames', 'allOf', 'anyOf', 'oneOf', 'not',
  'if', 'then', 'else',
]) // prettier-ignore
