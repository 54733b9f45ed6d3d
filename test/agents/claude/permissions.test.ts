import assert from 'node:assert/strict'
import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {withClaude} from '../../support/claude-sandbox.js'

/** What else claude may do: `test/agents/promises/permissions.test.ts`. */
describe('what claude may do', () => {
  const claude = withClaude()

  it('is not to edit with --approval-mode none, although its settings allow that', async () => {
    const {server, user} = claude
    const path = join(user.project, 'new.txt')
    user.allowEdits()
    server.when('write', {tools: [{name: 'Write', input: {file_path: path, content: 'new'}}]}, {text: 'No.'})
    assert.equal((await user.clinvk(['write it', '--approval-mode', 'none'])).code, 0)
    assert.ok(!existsSync(path))
    assert.match(server.calls.at(-1)!.turns.at(-1)!.toolResults[0]!.text, /don't ask mode/)
  })

  // Who runs the tests is who is asked for: claude looks at it.
  if (process.getuid?.() === 0) {
    it('is nothing without limits as root, unless the machine is a sandbox', async () => {
      const {server, user} = claude
      const {code, stderr, stdout} = await user.clinvk(['--sandbox-mode', 'full', 'hello'])
      assert.deepEqual([code, stdout], [10, ''])
      assert.match(
        stderr,
        /^Error: --sandbox-mode full is refused: .* without limits as root\.\n {2}.* set IS_SANDBOX=1 when/,
      )
      assert.deepEqual([user.sessions(), user.conversations(), server.calls], [[], [], []])
    })
  } else {
    it('is everything without limits for somebody who is not root', async () => {
      const {code, stderr} = await claude.user.clinvk(['--sandbox-mode', 'full', 'hello'])
      assert.equal(code, 0, stderr)
    })
  }
})
