import {messageOf} from 'clinvk-kit/errors/failure'
import type {CheckResult} from './report.js'

/** One requirement for a backend, and how it is tested. */
export interface Check<Bench> {
  /** Stable, for scripts and for the documentation. */
  readonly id: string
  /** The requirement, as a sentence. */
  readonly title: string
  /** What to do when the check fails, as a sentence. */
  readonly fix: string
  /** Throws `CheckFailed` when the requirement is not met; any other error is a failure, too. */
  readonly run: (bench: Bench) => Outcome | Promise<Outcome>
}

/** Nothing: the check passed. */
// eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- most checks return nothing
export type Outcome = void | NotApplicable

/** The agent has no such feature, or no fixture shows it. */
export interface NotApplicable {
  readonly notApplicable: string
}

export class CheckFailed extends Error {
  readonly kind = 'check_failed'

  constructor(
    readonly expected: string,
    readonly found: string,
  ) {
    super(found)
  }
}

/** A backend did something that is forbidden to it, so nothing else can be said about this call. */
export class ForbiddenError extends Error {
  readonly kind = 'forbidden'
}

export async function runCheck<Bench>(
  {fix, id, run, title}: Check<Bench>,
  bench: Bench,
): Promise<CheckResult> {
  try {
    const outcome = await run(bench)
    if (outcome === undefined) return {id, title, state: 'ok'}
    return {id, title, state: 'not_applicable', reason: outcome.notApplicable}
  } catch (error) {
    if (isForbidden(error))
      return {id, title, state: 'not_applicable', reason: `Stopped: ${messageOf(error)}`}
    const {expected, found} = isCheckFailed(error) ? error : {expected: 'no error', found: messageOf(error)}
    return {id, title, state: 'failed', expected, found, fix}
  }
}

export function notApplicable(reason: string): NotApplicable {
  return {notApplicable: reason}
}

export function fail(expected: string, found: unknown): never {
  throw new CheckFailed(expected, typeof found === 'string' ? found : show(found))
}

/** Compares as JSON, so that undefined equals a missing field. Of two lists the first difference is reported. */
export function expectEqual(found: unknown, expected: unknown, of: string): void {
  if (JSON.stringify(found) === JSON.stringify(expected)) return
  const lists = Array.isArray(expected) && Array.isArray(found)
  const [left, right] = lists ? firstDifference(expected, found) : [expected, found]
  throw new CheckFailed(`${of}: ${show(left)}`, show(right))
}

/** Runs part of a check and begins what it expects with `what`. */
export function within<T>(what: string, task: () => T): T {
  try {
    return task()
  } catch (error) {
    throw isCheckFailed(error) ? new CheckFailed(`${what}: ${error.expected}`, error.found) : error
  }
}

/** The result of a call whose errors are the subject of another check. */
export function quietly<T>(task: () => T): T | undefined {
  try {
    return task()
  } catch {
    return undefined
  }
}

/** Whether an error reports a forbidden action: `ERR_ACCESS_DENIED` comes from Node's permission model. */
export function isForbidden(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const {cause, code, kind} = error as {cause?: unknown; code?: unknown; kind?: unknown}
  return code === 'ERR_ACCESS_DENIED' || kind === 'forbidden' || isForbidden(cause)
}

function isCheckFailed(error: unknown): error is CheckFailed {
  return (error as {kind?: unknown} | undefined)?.kind === 'check_failed'
}

function firstDifference(these: readonly unknown[], others: readonly unknown[]): [unknown, unknown] {
  const length = Math.max(these.length, others.length)
  for (let index = 0; index < length; index++)
    if (JSON.stringify(these[index]) !== JSON.stringify(others[index])) return [these[index], others[index]]
  return [these, others]
}

/** A value as JSON, short enough for a line. */
export function show(value: unknown): string {
  const text = (JSON.stringify(value) as string | undefined) ?? String(value)
  return text.length <= SHOWN_LENGTH ? text : `${text.slice(0, SHOWN_LENGTH)}… (${text.length} characters)`
}

const SHOWN_LENGTH = 300
