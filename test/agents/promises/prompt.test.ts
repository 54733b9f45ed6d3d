import assert from 'node:assert/strict'
import {createHash} from 'node:crypto'
import {result, withAgent} from '../../support/agent-user.js'
import {AGENTS, FIVE_MB} from '../../support/agents.js'
import {keepsOrRefuses} from '../../support/keeps-or-refuses.js'
import {textOf} from '../../support/text-of.js'

/** Promises that hold for every agent, each proven on the real one. */
describe('a prompt', () => {
  for (const agent of AGENTS) {
    describe(agent.name, () => {
      const real = withAgent((url) => agent.create(url))
      /** What the model was given, without the character of no width that makes a slash text to gemini. */
      const received = () => real.server.calls[0]!.prompt.replace(/^\u{200B}/u, '')
      const arrivesWhole = async (prompt: string) => {
        const {content, outcome} = result(
          await real.user.clinvk(['-', ...agent.always, '-o', 'json'], {stdin: prompt}),
        )
        assert.equal(outcome, 'success')
        assert.ok(content.startsWith(`You said: ${prompt.slice(0, 150)}`))
        assert.equal(hash(received()), hash(prompt))
      }

      it('that begins with a slash arrives as it is', async () => {
        const {code, stderr} = await real.user.clinvk([...agent.always, '/cost of living'])
        assert.deepEqual([code, stderr], [0, ''])
        assert.equal(received(), '/cost of living')
      })

      it('with a dash, quotes, line breaks and emoji arrives as it is, and what is piped in with it', async () => {
        const words = [...agent.always, '--stdin', '--', PROMPT]
        const {code, stderr} = await real.user.clinvk(words, {stdin: 'diff --git a b\n+new line\n'})
        assert.deepEqual([code, stderr], [0, ''])
        assert.equal(received(), `${PROMPT}\n\ndiff --git a b\n+new line`)
      })

      it('of 300 KB arrives whole', () => arrivesWhole(textOf(300_000)))

      const large = textOf(5_000_000)
      keepsOrRefuses(
        agent,
        real,
        'of 5 MB arrives whole',
        {option: FIVE_MB, words: ['-', ...agent.always], stdin: large},
        () => arrivesWhole(large),
      )

      it('that is empty, or holds a NUL, starts nothing', async () => {
        const {server, user} = real
        for (const [stdin, message] of [
          ['', 'The prompt is empty.'],
          ['a\0b', 'The prompt contains a NUL byte.'],
        ] as const) {
          const {code, stderr} = await user.clinvk(['-', ...agent.always], {stdin})
          assert.equal(code, 1)
          assert.ok(stderr.startsWith(`Error: ${message}\n`), stderr)
        }
        assert.deepEqual([user.sessions(), user.conversations(), server.calls], [[], [], []])
      })
    })
  }
})

const PROMPT = `-x @nobody, both 'quotes', "these",\nand $HOME, \`ls\`, \\n;\n\n\tthe end 😀`

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
