import assert from 'node:assert/strict'
import {InventedAgents} from '../support/invented-agents.js'
import {ends, json} from '../support/sandbox.js'

/** What somebody reads who has just installed clinvk. */
describe('the first prompt', () => {
  const user = new InventedAgents().forEachTest()

  it('without any agent says what was looked for, how to get one, how to try without, and what checks the rest', async () => {
    const {code, stdout} = await ends(user.clinvk(['fix the bug']), {
      stderr: [
        'Error: Claude Code is not installed: there is no claude in PATH.',
        '  Looked for claude, codex, gemini, opencode: none is there.',
        '  Install Claude Code: npm install -g @anthropic-ai/claude-code',
        '  Install Codex: npm install -g @openai/codex',
        '  Install Gemini CLI: npm install -g @google/gemini-cli',
        '  Install OpenCode: npm install -g opencode-ai',
        '  Try clinvk without any agent: clinvk -b echo "hello"',
        '  Check the set-up: clinvk doctor',
        '',
      ].join('\n'),
    })
    assert.deepEqual({code, stdout}, {code: 2, stdout: ''})
    assert.deepEqual(user.sessions(), [])
  })

  it('says the same as data with -o json', async () => {
    const finished = await user.clinvk(['fix the bug', '-o', 'json'])
    const {
      error,
      exit_code: code,
      outcome,
    } = json(finished) as {
      error: {kind: string; hints: string[]}
      exit_code: number
      outcome: string
    }
    assert.deepEqual(
      {code, outcome, kind: error.kind},
      {code: 2, outcome: 'unavailable', kind: 'unavailable'},
    )
    assert.ok(error.hints.includes('Check the set-up: clinvk doctor'))
    assert.equal(finished.code, 2)
  })

  it('with another agent says how to use that one, and how to make it the default', async () => {
    user.install('codex', 'echo codex-cli 0.169.0')
    const {code, stderr} = await user.clinvk(['fix the bug'])
    assert.equal(code, 2)
    assert.match(stderr, /^ {2}Codex is there: clinvk -b codex "…"$/m)
    assert.match(stderr, /^ {2}To make it the default: clinvk config set default_backend codex$/m)
    assert.match(stderr, /^ {2}Install it: npm install -g @anthropic-ai\/claude-code$/m)
    assert.doesNotMatch(stderr, /gemini/)
  })

  it('to an agent that is not there, asked for by name, leaves the default alone', async () => {
    user.installClaude()
    const {stderr} = await user.clinvk(['-b', 'codex', 'fix the bug'])
    assert.match(stderr, /Codex is not installed/)
    assert.match(stderr, /Claude Code is there: clinvk -b claude "…"/)
    assert.doesNotMatch(stderr, /default/)
  })

  it('works at once with the command that the message names', async () => {
    await ends(user.clinvk(['-b', 'echo', 'hello']), {stdout: 'You said: hello\n'})
  })
})
