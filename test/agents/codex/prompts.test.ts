import assert from 'node:assert/strict'
import {withCodex} from '../../support/codex-sandbox.js'

/** Codex's own limit, counted in characters: an emoji of four bytes, two units of UTF-16, is one. */
const LARGEST = 1024 * 1024

describe('a prompt to codex', () => {
  const codex = withCodex()
  /** What the model was given. */
  const received = () => codex.server.calls[0]?.prompt

  it('arrives as it is, also where it is what codex takes for standard input', async () => {
    const {user} = codex
    const {code} = await user.clinvk(['--ephemeral', '--file', user.write('prompt.txt', '-')])
    assert.equal(code, 0)
    assert.equal(received(), '-')
  })

  it('may be as long as codex takes, and one more is refused before anything starts', async () => {
    const {server, user} = codex
    const prompt = 'é😀'.repeat(LARGEST / 2)
    await user.clinvk(['--ephemeral', '-'], {stdin: prompt})
    assert.ok(received() === prompt)
    server.reset()
    const {code, stderr} = await user.clinvk(['-'], {stdin: `${prompt}é`})
    assert.equal(code, 10)
    assert.match(
      stderr,
      /^Error: a prompt of 1048577 characters is refused: Codex takes at most 1048576 characters\.\n {2}Put/,
    )
    assert.deepEqual([user.sessions(), server.calls], [[], []])
  })
})
