import {Failure} from 'clinvk-kit/errors/failure'
import {nearest} from 'clinvk-kit/format/nearest'
import {described, placeOf, type Source} from 'clinvk-kit/settings/check'
import type {z} from 'zod'
import type {RunView} from '../run-view.js'
import {labelOf} from '../task.js'
import type {RunText} from './read.js'
import {TASK_FIELDS, type TaskDescription} from './task-schema.js'

/**
 * A run file from its text, JSON or YAML. `list` is the field that
 * holds the tasks; a list alone is taken for it. Throws a Failure of kind
 * `config` that gives place, task and field of everything that is wrong.
 */
export async function checkRunFile<T>(
  schema: z.ZodObject & z.ZodType<T>,
  list: 'tasks' | 'steps',
  {source, text}: RunText,
): Promise<T> {
  const found = await parse(text, source)
  const work: unknown = Array.isArray(found) ? {[list]: found} : found
  const {data, error} = schema.safeParse(work)
  if (!error) return data
  const {sourceOf} = await readAsYaml(text, source)
  const problems = error.issues
    .flatMap((issue) => pathsOf(issue).map((path) => ({issue, path})))
    .map(({issue, path}) => ({
      place: sourceOf(Array.isArray(found) ? path.slice(1) : path),
      sentence: whose(path, work) + explain(issue, path, work, Object.keys(schema.shape)),
    }))
    .sort((a, b) => lineOf(a.place) - lineOf(b.place))
    .map(({place, sentence}) => `${placeOf(place)}: ${sentence}`)
  const [first = '', ...others] = problems
  throw new Failure('config', first, [
    ...others.slice(0, SHOWN),
    ...(others.length > SHOWN ? [`… and ${others.length - SHOWN} more`] : []),
  ])
}

/** What is JSON need not be read as YAML, which takes long with a large prompt. */
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

function pathsOf(issue: z.core.$ZodIssue): PropertyKey[][] {
  return issue.code === 'unrecognized_keys'
    ? issue.keys.map((key) => [...issue.path, key])
    : [[...issue.path]]
}

/** The task that a path leads into. */
function whose([list, index]: readonly PropertyKey[], work: unknown): string {
  if (index === undefined) return ''
  const {id, name} = (at(work, [list!, index]) ?? {}) as {id?: unknown; name?: unknown}
  const known = [name, id].find((word) => typeof word === 'string' && word !== '') as string | undefined
  return `${labelOf(list === 'steps' ? 'step' : 'task', Number(index) + 1, known)}: `
}

function explain(
  issue: z.core.$ZodIssue,
  path: readonly PropertyKey[],
  work: unknown,
  fields: readonly string[],
): string {
  const inTask = path.length > 1
  const field = (inTask ? path.slice(2) : path).map(String).join('.')
  if (issue.code === 'unrecognized_keys') {
    const near = nearest(field, inTask ? TASK_FIELDS : fields)
    return `there is no field ${field}.${near === undefined ? '' : ` Did you mean ${near}?`}`
  }

  const what = field === '' ? '' : `${field}: `
  if (issue.code === 'custom' && issue.params?.isSentence === true) return what + issue.message
  const value = at(work, path)
  return value === undefined
    ? `${what}is missing. Expected: ${issue.message}.`
    : `${what}${described(value)} is not allowed. Expected: ${issue.message}.`
}

function at(found: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce((part, key) => (part as Record<PropertyKey, unknown> | undefined | null)?.[key], found)
}

/** A field of the reference program that has no effect, there either. */
export function noteFormats(tasks: readonly TaskDescription[], view: RunView): void {
  if (tasks.some((task) => task.output_format !== undefined))
    view.notice('output_format of a task has no effect: -o sets the format of the results.')
}

function lineOf(source: Source): number {
  return 'line' in source ? source.line : 0
}

/** What is wrong besides the first; more than a screen of it helps nobody. */
const SHOWN = 12
