import assert from 'node:assert/strict'
import {result, withGemini} from '../../support/gemini-sandbox.js'
import {textOf} from '../../support/text-of.js'

/** Gemini cuts a prompt off at 8 MiB, and does not send one that it takes for more than a million tokens. */
const LARGEST = 4_000_000

describe('a prompt to gemini', () => {
  const gemini = withGemini()

  it('is no command, and gemini does not forget it', async () => {
    const {server, user} = gemini
    await user.clinvk(['-m', 'fast', '/memory list is broken'])
    await user.clinvk(['-c', '-m', 'fast', '? what'])
    // A character without width is what makes it text to gemini.
    const mark = '\u{200B}'
    assert.deepEqual(server.calls.at(-1)?.prompts, [`${mark}/memory list is broken`, `${mark}? what`])
  })

  it('may be as long as gemini takes', async () => {
    const {server, user} = gemini
    const prompt = textOf(LARGEST)
    const words = ['--ephemeral', '-m', 'fast', '-', '-o', 'json']
    const {content, error, outcome} = result(await user.clinvk(words, {stdin: prompt}))
    assert.equal(outcome, 'success', JSON.stringify(error))
    assert.ok(content.startsWith(`You said: ${prompt.slice(0, 150)}`))
    assert.ok(server.calls[0]?.prompt === prompt)
  })

  for (const [what, prompt, message] of [
    ['in characters', textOf(LARGEST + 1), /4000001 characters is refused: Gemini CLI takes at most 4000000/],
    ['in bytes', '€'.repeat(2_800_000), /8400000 bytes is refused: Gemini CLI takes at most 8388605/],
  ] as const) {
    it(`that is longer than that ${what} is refused before anything starts`, async () => {
      const {server, user} = gemini
      const {code, stderr} = await user.clinvk(['-'], {stdin: prompt})
      assert.equal(code, 10)
      assert.match(stderr, message)
      assert.deepEqual([user.sessions(), server.calls], [[], []])
    })
  }
})
