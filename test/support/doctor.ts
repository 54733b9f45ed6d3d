import assert from 'node:assert/strict'
import {type Finished, json, type RunOptions, type Sandbox} from './sandbox.js'

export interface Line {
  check: string
  state: 'ok' | 'warning' | 'problem'
  message: string
  hints?: string[]
  repairable: boolean
}

export interface Doctor {
  code: number | null
  ok: boolean
  findings: Line[]
  repaired: string[]
}

/** What `clinvk doctor` finds. Its exit code says whether there are problems. */
export async function doctor(
  user: Sandbox,
  words: readonly string[] = [],
  options?: RunOptions,
): Promise<Doctor> {
  const finished = await user.clinvk(['doctor', '--json', ...words], options)
  const found = json(finished) as unknown as Omit<Doctor, 'code'>
  assert.equal(finished.code, found.ok ? 0 : 1, finished.stderr)
  return {code: finished.code, ...found}
}

/** The lines of one check that are not in order. */
export function wrong({findings}: Doctor, check: string): Line[] {
  return findings.filter((line) => line.check === check && line.state !== 'ok')
}

/** The only line of a check that is not in order. */
export function onlyWrong(found: Doctor, check: string): Line {
  const lines = wrong(found, check)
  assert.equal(lines.length, 1, JSON.stringify(found.findings, undefined, 2))
  return lines[0]!
}

/** What `clinvk backends --json` says of each. */
export interface Backend extends Record<string, unknown> {
  name: string
  version?: string
  signed_in?: boolean | 'unknown'
  problems: string[]
}

export function backends(finished: Finished): Backend[] {
  assert.equal(finished.code, 0, finished.stderr)
  return (json(finished) as {backends: Backend[]}).backends
}
