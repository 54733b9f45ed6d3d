import {CheckFailed} from './check.js'
import {isForbidden} from './guard.js'

export function attempt<T>(what: string, task: () => T): T | undefined {
  try {
    return task()
  } catch (error) {
    if (isForbidden(error)) return undefined
    throw new CheckFailed(`no error for ${what}`, String(error))
  }
}

/** For checks of something else than errors, which have a check of their own. */
export function attemptOrNothing<T>(task: () => T): T | undefined {
  try {
    return task()
  } catch {
    return undefined
  }
}
