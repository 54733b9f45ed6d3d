import {messageOf} from 'clinvk-kit/errors/failure'

/** One requirement for a backend, and how it is tested. */
export interface Check<Bench> {
  /** Stable, for scripts and for the documentation. */
  readonly id: string
  readonly title: string
  readonly fix: string
  /** Where it is not what the others of its group need. */
  readonly needs?: Need
  /** Calls `fail` when the requirement is not met, as any error is; `skip` when the agent or the fixtures do not show it. */
  readonly run: (bench: Bench) => void | Promise<void>
}

/**
 * What a check relies on and another check reports; without it the check does not apply: a descriptor as the contract
 * says; one that clinvk can use; a module that loads; a plan of a plain turn; a reader of the fixtures.
 */
export type Need = 'nothing' | 'descriptor' | 'entry' | 'module' | 'plan' | 'reader'

/** What the checks found out about one backend; `clinvk backends test --json` prints it. */
export interface ConformanceReport {
  backend: string
  plugin: string
  version: string
  level: 'fixtures' | 'live'
  /** Whether every check ran and none failed. */
  ok: boolean
  checks: CheckResult[]
  counts: Record<CheckState, number>
  fixtures: number
  /** What only the level `live` can prove and has not proven. */
  not_proven: readonly string[]
  duration_seconds: number
}

export type CheckState = 'ok' | 'failed' | 'not_applicable'

export interface CheckResult {
  id: string
  title: string
  state: CheckState
  /** Of a check that failed: what was expected, what was found, and what to do. */
  expected?: string
  found?: string
  fix?: string
  /** Why a check does not apply. */
  reason?: string
}

class CheckFailed extends Error {
  constructor(
    readonly expected: string,
    readonly found: string,
  ) {
    super(found)
  }
}

class Skipped extends Error {}

export async function runCheck<Bench>(
  {fix, id, run, title}: Check<Bench>,
  bench: Bench,
): Promise<CheckResult> {
  try {
    await run(bench)
    return {id, title, state: 'ok'}
  } catch (error) {
    if (error instanceof Skipped) return {id, title, state: 'not_applicable', reason: error.message}
    if (isForbidden(error))
      return {id, title, state: 'not_applicable', reason: `Stopped: ${messageOf(error)}`}
    const {expected, found} = differenceOf(error)
    return {id, title, state: 'failed', expected, found, fix}
  }
}

export function countsOf(checks: readonly CheckResult[]): Record<CheckState, number> {
  const counts = {ok: 0, failed: 0, not_applicable: 0}
  for (const {state} of checks) counts[state]++
  return counts
}

/** Ends a check that does not apply. */
export function skip(reason: string): never {
  throw new Skipped(reason)
}

export function fail(expected: string, found: unknown): never {
  throw new CheckFailed(expected, typeof found === 'string' ? found : show(found))
}

/** Compares as JSON, so that undefined equals a missing field. Of two lists the first difference is reported. */
export function expectEqual(found: unknown, expected: unknown, what: string): void {
  if (JSON.stringify(found) === JSON.stringify(expected)) return
  if (Array.isArray(found) && Array.isArray(expected) && found.length === expected.length)
    for (const [index, value] of found.entries()) expectEqual(value, expected[index], what)
  throw new CheckFailed(`${what}: ${show(expected)}`, show(found))
}

/** Runs part of a check, in which nothing may be thrown; what is expected then begins with `what`. */
export async function within<T>(what: string, task: () => T): Promise<Awaited<T>> {
  try {
    return await task()
  } catch (error) {
    if (isForbidden(error) || error instanceof Skipped) throw error
    const {expected, found} = differenceOf(error)
    throw new CheckFailed(`${what}: ${expected}`, found)
  }
}

function differenceOf(error: unknown): {expected: string; found: string} {
  return error instanceof CheckFailed ? error : {expected: 'no error', found: messageOf(error)}
}

/** The result of a call whose errors are the subject of another check. */
export function quietly<T>(task: () => T): T | undefined {
  try {
    return task()
  } catch {
    return undefined
  }
}

/** Whether a backend did what `no-side-effects` reports: Node's permission model or `SideEffects` threw this. */
export function isForbidden(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const {cause, code, kind} = error as {cause?: unknown; code?: unknown; kind?: unknown}
  return code === 'ERR_ACCESS_DENIED' || kind === 'forbidden' || isForbidden(cause)
}

export function show(value: unknown): string {
  const text = (JSON.stringify(value) as string | undefined) ?? String(value)
  return text.length <= SHOWN_LENGTH ? text : `${text.slice(0, SHOWN_LENGTH)}… (${text.length} characters)`
}

const SHOWN_LENGTH = 300
