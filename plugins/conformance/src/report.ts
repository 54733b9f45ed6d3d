/** What the conformance kit has found out about one backend; `clinvk backends test --json` prints it. */
export interface ConformanceReport {
  backend: string
  /** The package, and its version. */
  plugin: string
  version: string
  level: 'fixtures' | 'live'
  /** Whether no check has failed. */
  ok: boolean
  checks: CheckResult[]
  counts: Record<CheckState, number>
  /** How many transcripts the package brings. */
  fixtures: number
  /** What only the other level can prove. */
  not_proven: readonly string[]
  duration_seconds: number
}

export type CheckState = 'ok' | 'failed' | 'not_applicable'

export interface CheckResult {
  id: string
  title: string
  state: CheckState
  /** Of a check that failed: what must be, what is, and what to do. */
  expected?: string
  found?: string
  fix?: string
  /** Why a check does not apply. */
  reason?: string
}
