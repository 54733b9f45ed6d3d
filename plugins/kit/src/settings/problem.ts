import {Failure} from '../failure.js'
import {oneLine} from '../format/one-line.js'
import {placeOf, type Source} from './source.js'

/** What is wrong at one place of the settings. */
export interface Problem {
  readonly source: Source
  /** `session.auto_resume`; empty where it is the file itself. */
  readonly key: string
  /** What was found, and what is allowed. */
  readonly message: string
  /** What to do next, one sentence or command a line. */
  readonly hints: readonly string[]
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
