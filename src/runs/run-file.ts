import {Failure} from 'clinvk-kit/errors/failure'
import {nearest} from 'clinvk-kit/format/text'
import {isPiped, type IO} from 'clinvk-kit/io'
import {described, placeOf} from 'clinvk-kit/settings/check'
import type {z} from 'zod'
import {TASK_FIELDS} from 'clinvk-kit/runs/run-file-schema'
import {titleOf} from 'clinvk-kit/runs/task'
import {readText} from '../prompt/read-prompt.js'

/**
 * Reads `--file`, JSON or YAML; `-`, or no file at all, is standard input. `list` is the field that holds the tasks; a
 * list alone is taken for it. Gives what is written there. Throws a Failure of kind `config` with place, task and field
 * of everything that is wrong.
 */
export async function readRunFile(
  schema: z.ZodObject,
  list: 'tasks' | 'steps',
  file: string | undefined,
  io: IO,
): Promise<unknown> {
  if (file === undefined && !isPiped(io)) {
    const command = list === 'tasks' ? 'parallel' : 'chain'
    throw new Failure('usage', 'There is no run file.', [
      `Try: clinvk ${command} --file ${list}.yaml`,
      ...(list === 'tasks' ? ['Or name the prompts: clinvk parallel "review auth.go" "review db.go"'] : []),
      `For an example of such a file: clinvk ${command} --help`,
    ])
  }
  const {replaced, source, text} = await readText(file ?? '-', io, {kind: 'config', what: 'the run file'})
  if (replaced > 0) throw new Failure('config', `${source} is not UTF-8 text.`)
  const found = await parse(text, source)
  const root: unknown = Array.isArray(found) ? {[list]: found} : found
  const {error} = schema.safeParse(root)
  if (!error) return root
  const {sourceOf} = await readAsYaml(text, source)
  const lines = problemsIn(error)
    .map(({issue, path}) => {
      const place = sourceOf(Array.isArray(found) ? path.slice(1) : path)
      return {issue, path, place, line: 'line' in place ? place.line : 0}
    })
    .sort((a, b) => a.line - b.line)
  throw failureOf(
    lines.map(
      ({issue, path, place}) => `${placeOf(place)}: ${explain(issue, path, root, Object.keys(schema.shape))}`,
    ),
  )
}

/** The same of data that no file holds. Throws a Failure of kind `config` with task and field of what is wrong. */
export function checkRun<T>(schema: z.ZodObject & z.ZodType<T>, root: unknown): T {
  const {data, error} = schema.safeParse(root)
  if (!error) return data
  const fields = Object.keys(schema.shape)
  throw failureOf(problemsIn(error).map(({issue, path}) => explain(issue, path, root, fields)))
}

function problemsIn(error: z.ZodError): {issue: z.core.$ZodIssue; path: PropertyKey[]}[] {
  return error.issues.flatMap((issue) => {
    const keys = issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [key]) : [[]]
    return keys.map((key) => ({issue, path: [...issue.path, ...key]}))
  })
}

function failureOf(lines: readonly string[]): Failure {
  const [first = '', ...others] = lines.slice(0, MAX_HINTS + 1)
  const more = lines.length - 1 - MAX_HINTS
  return new Failure('config', first, [...others, ...(more > 0 ? [`… and ${more} more`] : [])])
}

/** To read JSON as YAML takes long with a large prompt. */
async function parse(text: string, source: string): Promise<unknown> {
  try {
    return JSON.parse(text)
  } catch {
    const {problem, value} = await readAsYaml(text, source)
    if (problem) throw new Failure('config', `${placeOf(problem.source)}: ${problem.message}`)
    return value
  }
}

async function readAsYaml(text: string, source: string) {
  const {readYaml} = await import('clinvk-kit/settings/yaml-file')
  return readYaml(text, source, 'user')
}

function explain(
  issue: z.core.$ZodIssue,
  path: readonly PropertyKey[],
  root: unknown,
  fields: readonly string[],
): string {
  const inTask = path.length > 1
  const task = inTask ? `${taskOf(path, root)}: ` : ''
  const field = (inTask ? path.slice(2) : path).map(String).join('.')
  if (issue.code === 'unrecognized_keys') {
    const near = nearest(field, inTask ? TASK_FIELDS : fields)
    return `${task}unknown field ${field}.${near === undefined ? '' : ` Did you mean ${near}?`}`
  }
  const what = task + (field === '' ? '' : `${field}: `)
  if (issue.code === 'custom' && issue.params?.isSentence === true) return what + issue.message
  const value = at(root, path)
  return `${what}${value === undefined ? 'is missing' : `${described(value)} is not allowed`}. Expected: ${issue.message}.`
}

function taskOf([list, index]: readonly PropertyKey[], root: unknown): string {
  const {id, name} = (at(root, [list!, index!]) ?? {}) as {id?: unknown; name?: unknown}
  const known = [name, id].find((word) => typeof word === 'string' && word !== '') as string | undefined
  return titleOf(list === 'steps' ? 'step' : 'task', Number(index) + 1, known)
}

function at(root: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce((part, key) => (part as Record<PropertyKey, unknown> | undefined | null)?.[key], root)
}

/** About a screen of problems besides the first. */
const MAX_HINTS = 12
