import type {z} from 'zod'
import {Failure} from '../errors/failure.js'
import {nearest} from '../format/text.js'
import {described, pathsOf, placeOf, type Source, valueAt} from '../settings/check.js'
import {TASK_FIELDS} from './run-file-schema.js'
import {titleOf} from './task.js'

/**
 * A run file, or the task of one, as `schema` has it. Throws a Failure of kind `config` with task and field of all that
 * is wrong, and with its place where `sourceOf` tells that.
 */
export function checkRunFile<T>(
  schema: z.ZodObject & z.ZodType<T>,
  file: unknown,
  sourceOf?: (path: readonly PropertyKey[]) => Source,
): T {
  const {data, error} = schema.safeParse(file)
  if (!error) return data
  const fields = Object.keys(schema.shape)
  const problems = error.issues.flatMap((issue) =>
    pathsOf(issue).map((path) => {
      const place = sourceOf?.(path)
      const text = explain(issue, path, file, fields)
      if (!place) return {line: 0, text}
      return {line: 'line' in place ? place.line : 0, text: `${placeOf(place)}: ${text}`}
    }),
  )
  const [first = '', ...others] = problems.sort((a, b) => a.line - b.line).map(({text}) => text)
  const more = others.length - MAX_HINTS
  throw new Failure('config', first, [
    ...others.slice(0, MAX_HINTS),
    ...(more > 0 ? [`… and ${more} more`] : []),
  ])
}

function explain(
  issue: z.core.$ZodIssue,
  path: readonly PropertyKey[],
  file: unknown,
  fields: readonly string[],
): string {
  const inTask = path.length > 1
  const task = inTask ? `${taskOf(path, file)}: ` : ''
  const field = (inTask ? path.slice(2) : path).map(String).join('.')
  if (issue.code === 'unrecognized_keys') {
    const near = nearest(field, inTask ? TASK_FIELDS : fields)
    return `${task}unknown field ${field}.${near === undefined ? '' : ` Did you mean ${near}?`}`
  }
  const what = task + (field === '' ? '' : `${field}: `)
  if (issue.code === 'custom' && issue.params?.isSentence === true) return what + issue.message
  const value = valueAt(path, file)
  return `${what}${value === undefined ? 'is missing' : `${described(value)} is not allowed`}. Expected: ${issue.message}.`
}

function taskOf([list, index]: readonly PropertyKey[], file: unknown): string {
  const {id, name} = (valueAt([list!, index!], file) ?? {}) as {id?: unknown; name?: unknown}
  const known = [name, id].find((word) => typeof word === 'string' && word !== '') as string | undefined
  return titleOf(list === 'steps' ? 'step' : 'task', Number(index) + 1, known)
}

/** About a screen of problems besides the first. */
const MAX_HINTS = 12
