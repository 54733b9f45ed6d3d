import {messageOf} from 'clinvk-kit/errors/message-of'
import {type Check, CheckFailed} from './check.js'
import type {CheckResult} from './report.js'

/** Runs a check; whatever happens, there is a result. */
export async function runCheck<Bench>(
  {fix, id, run, title}: Check<Bench>,
  bench: Bench,
): Promise<CheckResult> {
  try {
    const outcome = await run(bench)
    return outcome === undefined
      ? {id, title, state: 'ok'}
      : {id, title, state: 'not_applicable', reason: outcome.notApplicable}
  } catch (error) {
    const {expected, found} =
      error instanceof CheckFailed ? error : {expected: 'no error', found: messageOf(error)}
    return {id, title, state: 'failed', expected, found, fix}
  }
}
