import assert from 'node:assert/strict'
import {createHash} from 'node:crypto'
import {result, withClaude} from '../support/claude-sandbox.js'

/** Claude's own limit: 10 MiB, counted in characters. */
const LARGEST = 10 * 1024 * 1024

describe('a prompt to claude', () => {
  const claude = withClaude()
  /** What the model was given. */
  const received = () => claude.server.calls[0]?.prompt

  for (const prompt of [
    '/cost of living',
    '/tmp is full',
    '@nobody look at "this"',
    'exit',
    `both 'quotes', "these",\nand $HOME, \`ls\`, \\n;\n\n\tthe end 😀`,
  ]) {
    it(`arrives as it is: ${JSON.stringify(prompt)}`, async () => {
      const {code} = await claude.user.clinvk(['--ephemeral', '--', prompt])
      assert.equal(code, 0)
      assert.equal(received(), prompt)
    })
  }

  it('may begin with a dash, after -- and in a file', async () => {
    const {server, user} = claude
    await user.clinvk(['--ephemeral', '--', '--fix -this'])
    assert.equal(received(), '--fix -this')
    server.reset()
    await user.clinvk(['--ephemeral', '--file', user.write('task.md', '- one\n- two\n')])
    assert.equal(received(), '- one\n- two')
  })

  it('may be followed by what is piped in', async () => {
    const {code} = await claude.user.clinvk(['--ephemeral', '--stdin', 'review this'], {
      stdin: 'diff --git a b\n+new line\n',
    })
    assert.equal(code, 0)
    assert.equal(received(), 'review this\n\ndiff --git a b\n+new line')
  })

  for (const size of [300_000, 5_000_000]) {
    it(`of ${size} bytes arrives whole, by stdin and by file`, async () => {
      const {server, user} = claude
      const prompt = textOf(size)
      const piped = await user.clinvk(['-', '-o', 'json'], {stdin: prompt})
      const {content, outcome} = result(piped)
      assert.equal(outcome, 'success')
      assert.ok(content.startsWith(`You said: ${prompt.slice(0, 150)}`))
      assert.equal(hash(received()!), hash(prompt))
      server.reset()
      await user.clinvk(['--ephemeral', '--file', user.write('prompt.txt', prompt)])
      assert.equal(hash(received()!), hash(prompt))
    })
  }

  it('may be as long as claude takes, and one byte more is refused before anything starts', async () => {
    const {server, user} = claude
    const prompt = textOf(LARGEST)
    await user.clinvk(['--ephemeral', '-'], {stdin: prompt})
    assert.equal(hash(received()!), hash(prompt))
    server.reset()
    const {code, stderr} = await user.clinvk(['-'], {stdin: textOf(LARGEST + 1)})
    assert.equal(code, 10)
    assert.match(
      stderr,
      /^Error: a prompt of 10485761 bytes is refused: Claude Code takes at most 10485760 bytes\.\n {2}Put/,
    )
    assert.deepEqual([user.sessions(), server.calls], [[], []])
  })

  it('that is empty or binary starts nothing', async () => {
    const {server, user} = claude
    for (const [stdin, message] of [
      ['', 'The prompt is empty.'],
      [' \n', 'The prompt is empty.'],
      ['a\0b', 'The prompt holds a NUL character, which no agent takes.'],
    ] as const) {
      const {code, stderr} = await user.clinvk(['-'], {stdin})
      assert.equal(code, 1)
      assert.ok(stderr.startsWith(`Error: ${message}\n`), stderr)
    }
    assert.deepEqual([user.sessions(), server.calls], [[], []])
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
