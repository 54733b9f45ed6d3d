import {Failure} from '../errors/failure.js'
import {oneLine} from '../format/text.js'

/** Where a value comes from. */
export type Source =
  | {readonly kind: 'default'}
  | {readonly kind: 'user' | 'project'; readonly file: string; readonly line: number; readonly column: number}
  | {readonly kind: 'environment'; readonly variable: string}

/** What is wrong at one place of the settings. */
export interface Problem {
  readonly source: Source
  /** `session.auto_resume`; empty where the whole file is meant. */
  readonly key: string
  /** What was found, and what is allowed. */
  readonly message: string
  /** What to do next, one sentence or command a line. */
  readonly hints: readonly string[]
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
  return new Failure('config', problemText(first), [
    ...first.hints.map((hint) => oneLine(hint)),
    ...(others.length > 0 ? [`${more}: clinvk config validate`] : []),
  ])
}
