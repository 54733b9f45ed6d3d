import assert from 'node:assert/strict'
import {cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {testPackage} from 'clinvk-conformance/test-backend'
import {ROOT} from '../support/sandbox.js'

/** Agents that JSON alone describes: each line of theirs is a part of the answer. */
describe('the conformance kit takes a text agent that answers', () => {
  for (const [how, stdout, content] of [
    ['with one line', 'hello\n', 'hello'],
    ['with an empty line at the end', 'hello\nworld\n\n', 'hello\nworld\n'],
    ['with the line ends of Windows', 'hello\r\nworld\r\n', 'hello\nworld'],
  ] as const) {
    it(how, async () => {
      const directory = realpathSync(mkdtempSync(join(tmpdir(), 'clinvk-text-agent-')))
      try {
        cpSync(join(ROOT, 'src/backends/templates/text'), directory, {recursive: true})
        const path = join(directory, 'fixtures/hello.json')
        const fixture = JSON.parse(readFileSync(path, 'utf8')) as {expect: object}
        Object.assign(fixture.expect, {content})
        writeFileSync(path, JSON.stringify(fixture))
        writeFileSync(join(directory, 'fixtures/hello.stdout'), stdout)
        const only = ['fixtures-as-expected', 'same-in-pieces', 'line-ends', 'huge-line', 'hang-is-ended']
        const [report] = await testPackage(directory, {only})
        assert.deepEqual(
          report!.checks.map(({found, id, state}) => [id, state, found]),
          only.map((id) => [id, 'ok', undefined]),
        )
      } finally {
        rmSync(directory, {recursive: true, force: true})
      }
    })
  }
})
