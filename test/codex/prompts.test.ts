import assert from 'node:assert/strict'
import {createHash} from 'node:crypto'
import {result, withCodex} from '../support/codex-sandbox.js'

/** Codex's own limit, counted in characters: an emoji of four bytes, two units of UTF-16, is one. */
const LARGEST = 1024 * 1024

describe('a prompt to codex', () => {
  const codex = withCodex()
  /** What the model was given. */
  const received = () => codex.server.calls[0]?.prompt

  for (const prompt of [
    '/cost of living',
    '@nobody look at "this"',
    '-',
    `both 'quotes', "these",\nand $HOME, \`ls\`, \\n;\n\n\tthe end 😀`,
  ]) {
    it(`arrives as it is: ${JSON.stringify(prompt)}`, async () => {
      const {user} = codex
      const {code} = await user.clinvk(['--ephemeral', '--file', user.write('prompt.txt', prompt)])
      assert.equal(code, 0)
      assert.equal(received(), prompt)
    })
  }

  it('may begin with a dash', async () => {
    await codex.user.clinvk(['--ephemeral', '--', '-x --fix -this'])
    assert.equal(received(), '-x --fix -this')
  })

  it('may be followed by what is piped in', async () => {
    const {code} = await codex.user.clinvk(['--ephemeral', '--stdin', 'review this'], {
      stdin: 'diff --git a b\n+new line\n',
    })
    assert.equal(code, 0)
    assert.equal(received(), 'review this\n\ndiff --git a b\n+new line')
  })

  it('of 300 KB arrives whole', async () => {
    const {user} = codex
    const prompt = textOf(300_000)
    const {content, outcome} = result(await user.clinvk(['-', '-o', 'json'], {stdin: prompt}))
    assert.equal(outcome, 'success')
    assert.ok(content.startsWith(`You said: ${prompt.slice(0, 150)}`))
    assert.equal(hash(received()!), hash(prompt))
  })

  for (const [what, character] of [
    ['letters', 'é'],
    ['emoji', '😀'],
  ] as const) {
    it(`may be as long as codex takes, in ${what}, and one more is refused before anything starts`, async () => {
      const {server, user} = codex
      const prompt = character.repeat(LARGEST)
      await user.clinvk(['--ephemeral', '-'], {stdin: prompt})
      assert.equal(hash(received()!), hash(prompt))
      server.reset()
      const {code, stderr} = await user.clinvk(['-'], {stdin: prompt + character})
      assert.equal(code, 10)
      assert.match(
        stderr,
        /^Error: a prompt of 1048577 characters is refused: Codex takes at most 1048576 characters\.\n {2}Put/,
      )
      assert.deepEqual([user.sessions(), server.calls], [[], []])
    })
  }

  it('of 5 MB is refused before anything starts', async () => {
    const {server, user} = codex
    const {code} = await user.clinvk(['-'], {stdin: textOf(5_000_000)})
    assert.deepEqual([code, user.sessions(), server.calls], [10, [], []])
  })
})

/** Text of exactly so many bytes, no two lines alike. */
function textOf(size: number): string {
  const lines: string[] = []
  for (let length = 0; length < size; length += lines.at(-1)!.length)
    lines.push(`line ${lines.length}, and more\n`)
  return lines.join('').slice(0, size).replace(/\s$/, '.')
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
