import assert from 'node:assert/strict'
import {withClaude} from '../../support/claude-sandbox.js'
import {textOf} from '../../support/text-of.js'

/** Claude's own limit: 10 MiB, counted in units of UTF-16 as JavaScript does. */
const LARGEST = 10 * 1024 * 1024

describe('a prompt to claude', () => {
  const claude = withClaude()
  /** What the model was given. */
  const received = () => claude.server.calls[0]?.prompt

  it('arrives as it is, also where it is a word that ends claude on a terminal', async () => {
    const {code} = await claude.user.clinvk(['--ephemeral', 'exit'])
    assert.equal(code, 0)
    assert.equal(received(), 'exit')
  })

  it('may be as long as claude takes, and one character more is refused before anything starts', async () => {
    const {server, user} = claude
    for (const [what, prompt, more] of [
      ['ASCII', textOf(LARGEST), '.'],
      // Two units and four bytes each; with one byte before them no chunk of stdin ends with a whole one.
      ['emoji', `.${'😀'.repeat(LARGEST / 2 - 1)}.`, '€'],
    ] as const) {
      await user.clinvk(['--ephemeral', '-'], {stdin: prompt})
      assert.ok(received() === prompt, what)
      server.reset()
      const {code, stderr} = await user.clinvk(['-'], {stdin: prompt + more})
      assert.equal(code, 10)
      assert.match(
        stderr,
        /^Error: a prompt of 10485761 characters \(UTF-16\) is refused: Claude Code takes at most 10485760 /,
      )
      assert.deepEqual([user.sessions(), server.calls], [[], []])
    }
  })
})
