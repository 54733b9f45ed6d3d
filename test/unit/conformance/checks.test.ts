import assert from 'node:assert/strict'
import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {readBackendPackage} from 'clinvk-conformance/backend-package'
import {Bench} from 'clinvk-conformance/bench'
import type {CheckResult} from 'clinvk-conformance/check'
import {CHECKS, runChecks} from 'clinvk-conformance/checks'
import {readFixtures} from 'clinvk-conformance/fixtures'
import {createBackend} from '../../../src/backends/create-backend.js'
import {breakBackend, BROKEN, GOOD, WITHOUT_PREREQUISITES} from '../../support/broken-backends.js'
import {ROOT, Sandbox} from '../../support/sandbox.js'

/** test/e2e/backends-test.test.ts runs it in a process of its own, at which it looks. */
const OF_PROCESS = 'no-side-effects'

/** Each check fails for a backend that is broken in just this way, and no other check does. */
describe('the checks of backends', () => {
  const user = new Sandbox().forEachTest()
  let directory: string
  beforeEach(() => (directory = user.directory('broken')))

  it('are at least 25, each with a name of its own, a sentence, what to do, and a broken backend', () => {
    assert.ok(CHECKS.length >= 25)
    for (const {fix, id, title} of CHECKS) {
      assert.match(id, /^[a-z]+(-[a-z]+)+$/, id)
      assert.match(title, /^[A-Z].*\.$/, id)
      assert.match(fix, /^[A-Z`].*[.)`]$/, `${id}: ${fix}`)
    }

    assert.deepEqual(CHECKS.map(({id}) => id).sort(), Object.keys(BROKEN).sort())
  })

  it('find nothing wrong with a good backend', async () => {
    assert.deepEqual(
      (await check(GOOD)).filter(({id, state}) => state !== 'ok' && id !== OF_PROCESS),
      [],
    )
  })

  for (const [id, backends] of Object.entries(BROKEN))
    for (const broken of id === OF_PROCESS ? [] : backends)
      it(`${id}: a backend that ${broken.flaw}`, async () => {
        breakBackend(directory, broken)
        assertFailed(await check(directory), [id, ...(broken.also ?? [])])
      })

  for (const broken of WITHOUT_PREREQUISITES)
    it(`report once what is wrong with a backend that ${broken.flaw}`, async () => {
      breakBackend(directory, broken)
      assertFailed(await check(directory), broken.failed)
    })

  for (const kind of ['module', 'text'] as const)
    it(`pass what \`backends create\` writes (${kind})`, async () => {
      const created = await createBackend('acme', {kind, cwd: directory, root: ROOT})
      // The sources are loaded as they are, without a compiler.
      const path = join(created.directory, 'package.json')
      const pjson = readFileSync(path, 'utf8')
        .replaceAll('./dist/index.js', './src/index.ts')
        .replace('"dist"', '"src"')
      writeFileSync(path, pjson)
      assertFailed(await check(created.directory, 'acme'), [])
    })

  for (const [what, stdout, content] of [
    ['one line', 'hello\n', 'hello'],
    ['an empty line at the end', 'hello\nworld\n\n', 'hello\nworld\n'],
    ['the line ends of Windows', 'hello\r\nworld\r\n', 'hello\nworld'],
  ] as const)
    it(`pass an agent that JSON alone describes, and that prints ${what}`, async () => {
      const fixture = {
        turn: {prompt: 'hello\nworld'},
        expect: {outcome: 'success', content, events: ['text'], args: [], stdin: 'hello\nworld'},
      }
      writeFileSync(join(directory, 'hello.json'), JSON.stringify(fixture))
      writeFileSync(join(directory, 'hello.stdout'), stdout)
      assertFailed(await check(join(ROOT, 'src/backends/templates/text'), 'acme', directory), [
        'fixtures-enough',
      ])
    })
})

/** Runs the checks in this process. */
async function check(
  directory: string,
  name = 'good',
  fixtures = join(directory, 'fixtures'),
): Promise<CheckResult[]> {
  const bench = new Bench(await readBackendPackage(directory), name, await readFixtures(fixtures, name))
  const results: CheckResult[] = []
  const ids = CHECKS.map(({id}) => id)
  for await (const message of runChecks(bench, ids)) if ('result' in message) results.push(message.result)
  return results
}

/** Asserts that exactly these checks failed, and say what was expected, what was found and what to do. */
function assertFailed(checks: readonly CheckResult[], ids: readonly string[]): void {
  const failed = checks.filter(({state}) => state === 'failed')
  const details = failed.map(({expected, found, id}) => `${id}: expected ${expected}, found ${found}`)
  assert.deepEqual(failed.map(({id}) => id).sort(), [...ids].sort(), details.join('\n'))
  for (const {expected, fix, found} of failed)
    for (const text of [expected, found, fix]) assert.notEqual(text?.trim() ?? '', '')
}
