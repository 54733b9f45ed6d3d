import assert from 'node:assert/strict'
import {createHash} from 'node:crypto'
import {result} from '../../support/agent-user.js'
import {FIVE_MB} from '../../support/agents.js'
import {forEachAgent, keepsOrRefuses} from '../../support/promises.js'
import {textOf} from '../../support/text-of.js'
import {ends} from '../../support/sandbox.js'

/** The longest prompt of each, one that is too long, and what is said of it. */
const LONGEST: Readonly<
  Record<
    string,
    readonly (readonly [what: string, fits: () => string, over: () => string, message: string])[]
  >
> = {
  claude: [
    // Two units and four bytes each; with one byte before them no chunk of stdin ends with a whole one.
    [
      'units of UTF-16',
      () => `.${'😀'.repeat(5 * 1024 * 1024 - 1)}.`,
      () => textOf(10_485_761),
      '10485761 characters (UTF-16) is refused: Claude Code takes at most 10485760 ',
    ],
  ],
  codex: [
    [
      'characters',
      () => 'é😀'.repeat(512 * 1024),
      () => `${'é😀'.repeat(512 * 1024)}é`,
      '1048577 characters is refused: Codex takes at most 1048576 characters.\n  Put',
    ],
  ],
  gemini: [
    [
      'characters',
      () => textOf(4_000_000),
      () => textOf(4_000_001),
      '4000001 characters is refused: Gemini CLI takes at most 4000000',
    ],
    [
      'bytes',
      () => '€'.repeat(2_700_000),
      () => '€'.repeat(2_800_000),
      '8400000 bytes is refused: Gemini CLI takes at most 8388605',
    ],
  ],
}

describe('a prompt', () => {
  forEachAgent(({agent, real}) => {
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
      await ends(real.user.clinvk([...agent.always, '/cost of living']), {code: 0, stderr: ''})
      assert.equal(received(), '/cost of living')
    })

    it('with a dash, quotes, line breaks and emoji arrives as it is, and what is piped in with it', async () => {
      const words = [...agent.always, '--stdin', '--', PROMPT]
      await ends(real.user.clinvk(words, {stdin: 'diff --git a b\n+new line\n'}), {code: 0, stderr: ''})
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

    for (const [what, fits, over, message] of LONGEST[agent.name] ?? []) {
      it(`may be as long as the agent takes, counted in ${what}; a longer one starts nothing`, async () => {
        const {server, user} = real
        await user.clinvk(['--ephemeral', '-', ...agent.always], {stdin: fits()})
        assert.ok(received() === fits(), what)
        server.reset()
        const {stderr} = await ends(user.clinvk(['-', ...agent.always], {stdin: over()}), {code: 10})
        assert.ok(stderr.startsWith(`Error: a prompt of ${message}`), stderr.slice(0, 200))
        assert.deepEqual([user.sessions(), server.calls], [[], []])
      })
    }

    it('that is empty, or holds a NUL, starts nothing', async () => {
      const {server, user} = real
      for (const [stdin, message] of [
        ['', 'The prompt is empty.'],
        ['a\0b', 'The prompt contains a NUL byte.'],
      ] as const) {
        const {stderr} = await ends(user.clinvk(['-', ...agent.always], {stdin}), {code: 1})
        assert.ok(stderr.startsWith(`Error: ${message}\n`), stderr)
      }
      assert.deepEqual([user.sessions(), user.conversations(), server.calls], [[], [], []])
    })
  })
})

const PROMPT = `-x @nobody, both 'quotes', "these",\nand $HOME, \`ls\`, \\n;\n\n\tthe end 😀`

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
