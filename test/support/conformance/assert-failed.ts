import assert from 'node:assert/strict'
import type {CheckResult} from 'clinvk-conformance/report'

/** Asserts that exactly these checks failed, and say what was expected, what was found and what to do. */
export function assertFailed(checks: readonly CheckResult[], ids: readonly string[]): void {
  const failed = checks.filter(({state}) => state === 'failed')
  const details = failed.map(({expected, found, id}) => `${id}: expected ${expected}, found ${found}`)
  assert.deepEqual(failed.map(({id}) => id).sort(), [...ids].sort(), details.join('\n'))
  for (const {expected, fix, found} of failed)
    for (const text of [expected, found, fix]) assert.notEqual(text?.trim() ?? '', '')
}
