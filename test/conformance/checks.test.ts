import assert from 'node:assert/strict'
import {cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {CHECKS} from 'clinvk-kit/conformance/checks'
import {testPackage} from 'clinvk-kit/conformance/test-backend'
import {BROKEN, type Broken} from './broken.js'

const GOOD = join(import.meta.dirname, 'good')

/** Each check of the conformance kit, proven by a backend that is broken in just this way. */
describe('the conformance kit', () => {
  let directory: string
  beforeEach(() => {
    directory = realpathSync(mkdtempSync(join(tmpdir(), 'clinvk-broken-')))
    cpSync(GOOD, directory, {recursive: true})
  })
  afterEach(() => rmSync(directory, {recursive: true, force: true}))

  it('has at least 25 checks, each with a name of its own, a sentence and what to do', () => {
    assert.ok(CHECKS.length >= 25)
    assert.equal(new Set(CHECKS.map(({id}) => id)).size, CHECKS.length)
    for (const {fix, id, title} of CHECKS) {
      assert.match(id, /^[a-z]+(-[a-z]+)+$/, id)
      assert.match(title, /^[A-Z].*\.$/, id)
      assert.match(fix, /^[A-Z`].*[.)`]$/, `${id}: ${fix}`)
    }
  })

  it('has a broken backend for each check', () => {
    assert.deepEqual(Object.keys(BROKEN).sort(), CHECKS.map(({id}) => id).sort())
  })

  it('finds nothing wrong with a good backend', async () => {
    const [report] = await testPackage(directory)
    const {checks, ok} = report!
    assert.deepEqual(
      checks.filter(({state}) => state !== 'ok'),
      [],
    )
    assert.equal(checks.length, CHECKS.length)
    assert.ok(ok)
  })

  for (const {id, stage} of CHECKS) {
    for (const broken of BROKEN[id] ?? []) {
      it(`${id}: finds a backend that ${broken.flaw}`, async () => {
        breakIt(directory, broken)
        // Turns take their time, so there only the check in question runs; elsewhere it is the only one that fails.
        const only =
          stage === 'turns' ? [id] : CHECKS.filter((check) => check.stage === stage).map((check) => check.id)
        const [report] = await testPackage(directory, {only})
        const failed = report!.checks.filter(({state}) => state === 'failed')
        const told = failed.map((check) => `${check.id}: expected ${check.expected}, found ${check.found}`)
        assert.deepEqual(
          failed.map((check) => check.id).sort(),
          [id, ...(broken.also ?? [])].sort(),
          told.join('\n'),
        )
        assert.equal(report!.ok, false)
        const {expected, fix, found} = failed.find((check) => check.id === id)!
        for (const text of [expected, found, fix]) assert.notEqual(text?.trim() ?? '', '')
      })
    }
  }
})

function breakIt(directory: string, {edits, file = 'index.js'}: Broken): void {
  const path = join(directory, file)
  let text = readFileSync(path, 'utf8')
  for (const [from, to] of edits) {
    assert.ok(text.includes(from), `${file} has: ${from}`)
    text = text.replaceAll(from, () => to)
  }

  writeFileSync(path, text)
}
