import assert from 'node:assert/strict'
import {mkdtempSync, realpathSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {readBackendPackage} from 'clinvk-conformance/backend-package'
import {Bench} from 'clinvk-conformance/bench'
import {CHECKS, CODE_CHECKS} from 'clinvk-conformance/checks'
import {readFixtures} from 'clinvk-conformance/fixtures'
import type {CheckResult} from 'clinvk-conformance/report'
import {runChecks} from 'clinvk-conformance/run-checks'
import {testPackage} from 'clinvk-conformance/test-backend'
import {assertFailed} from '../../support/conformance/assert-failed.js'
import {breakBackend, GOOD} from '../../support/conformance/break-backend.js'
import {BROKEN, WITHOUT_PREREQUISITES} from '../../support/conformance/broken.js'

/** They look at the whole process, so test/e2e/backends-test.test.ts runs them in a process of their own. */
const OF_PROCESS = ['environment-untouched', 'leaves-nothing-running']

/** Each check of a package and of its code fails for a backend that is broken in just this way, and no other check does. */
describe('the checks of backends', () => {
  let directory: string
  beforeEach(() => {
    directory = realpathSync(mkdtempSync(join(tmpdir(), 'clinvk-broken-')))
  })
  afterEach(() => rmSync(directory, {recursive: true, force: true}))

  it('are at least 25, each with a name of its own, a sentence and what to do', () => {
    assert.ok(CHECKS.length >= 25)
    assert.equal(new Set(CHECKS.map(({id}) => id)).size, CHECKS.length)
    for (const {fix, id, title} of CHECKS) {
      assert.match(id, /^[a-z]+(-[a-z]+)+$/, id)
      assert.match(title, /^[A-Z].*\.$/, id)
      assert.match(fix, /^[A-Z`].*[.)`]$/, `${id}: ${fix}`)
    }
  })

  it('have a broken backend each', () => {
    assert.deepEqual(Object.keys(BROKEN).sort(), CHECKS.map(({id}) => id).sort())
  })

  it('find nothing wrong with a good backend', async () => {
    const checks = await testCode(GOOD)
    assert.equal(checks.length, CODE_CHECKS.length - OF_PROCESS.length)
    assert.deepEqual(
      checks.filter(({state}) => state !== 'ok'),
      [],
    )
  })

  for (const {id, stage} of CHECKS) {
    if (stage === 'turns' || OF_PROCESS.includes(id)) continue
    for (const broken of BROKEN[id] ?? [])
      it(`${id}: finds a backend that ${broken.flaw}`, async () => {
        breakBackend(directory, broken)
        const checks = await (stage === 'code' ? testCode(directory) : testDescription(directory))
        assertFailed(checks, [id, ...(broken.also ?? [])])
      })
  }

  for (const broken of WITHOUT_PREREQUISITES)
    it(`report once what is wrong with a backend that ${broken.flaw}`, async () => {
      breakBackend(directory, broken)
      assertFailed(await testCode(directory), broken.failed)
    })
})

async function testDescription(directory: string): Promise<CheckResult[]> {
  const only = CHECKS.filter(({stage}) => stage === 'package').map(({id}) => id)
  const [report] = await testPackage(directory, {only})
  assert.equal(report!.ok, false)
  return report!.checks
}

/** Runs the checks of the code in this process. */
async function testCode(directory: string): Promise<CheckResult[]> {
  const {backends} = await readBackendPackage(directory)
  const bench = new Bench(backends.get('good')!, await readFixtures(join(directory, 'fixtures'), 'good'))
  const ids = CODE_CHECKS.map(({id}) => id).filter((id) => !OF_PROCESS.includes(id))
  const checks: CheckResult[] = []
  await runChecks(CODE_CHECKS, bench, ids, {onResult: (check) => void checks.push(check)})
  return checks
}
