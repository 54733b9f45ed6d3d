/** What the checks found out about one backend; `clinvk backends test --json` prints it. */
export interface ConformanceReport {
  backend: string
  /** The package, and its version. */
  plugin: string
  version: string
  level: 'fixtures' | 'live'
  /** Whether every check ran and none failed. */
  ok: boolean
  checks: CheckResult[]
  counts: Record<CheckState, number>
  /** How many fixtures the package has. */
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

export function countsOf(checks: readonly CheckResult[]): Record<CheckState, number> {
  const counts = {ok: 0, failed: 0, not_applicable: 0}
  for (const {state} of checks) counts[state]++
  return counts
}
