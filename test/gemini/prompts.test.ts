import assert from 'node:assert/strict'
import {createHash} from 'node:crypto'
import {result, withGemini} from '../support/gemini-sandbox.js'
import {textOf} from '../support/text-of.js'

/** Gemini cuts a prompt off at 8 MiB, and does not send one that it takes for more than a million tokens. */
const LARGEST = 4_000_000

describe('a prompt to gemini', () => {
  const gemini = withGemini()
  const EPHEMERAL = ['--ephemeral', '-m', 'fast']
  /** What the model was given. */
  const received = () => gemini.server.calls[0]?.prompt

  for (const prompt of ['-x', `both 'quotes', "these",\nand @nobody, $HOME, \`ls\`, \\n;\n\n\tthe end 😀`]) {
    it(`arrives as it is: ${JSON.stringify(prompt)}`, async () => {
      const {code} = await gemini.user.clinvk([...EPHEMERAL, '--', prompt])
      assert.equal(code, 0)
      assert.equal(received(), prompt)
    })
  }

  it('is no command, and gemini does not forget it', async () => {
    const {server, user} = gemini
    for (const [continued, prompt] of [
      [[], '/memory list is broken'],
      [['-c'], '? what'],
      [['-c'], '/cost of living'],
    ] as const) {
      await user.clinvk([...continued, '-m', 'fast', '--', prompt])
    }

    // A character without width is what makes it text to gemini.
    const mark = '\u{200B}'
    assert.deepEqual(server.calls.at(-1)?.prompts, [
      `${mark}/memory list is broken`,
      `${mark}? what`,
      `${mark}/cost of living`,
    ])
  })

  for (const size of [300_000, LARGEST]) {
    it(`of ${size} characters arrives whole`, async () => {
      const prompt = textOf(size)
      const words = [...EPHEMERAL, '-', '-o', 'json']
      const {content, outcome} = result(await gemini.user.clinvk(words, {stdin: prompt}))
      assert.equal(outcome, 'success')
      assert.ok(content.startsWith(`You said: ${prompt.slice(0, 150)}`))
      assert.equal(hash(received()!), hash(prompt))
    })
  }

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

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
