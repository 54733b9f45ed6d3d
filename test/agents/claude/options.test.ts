import assert from 'node:assert/strict'
import {readdirSync} from 'node:fs'
import {withClaude} from '../../support/claude-sandbox.js'

describe('an option of a turn, with the real claude,', () => {
  const claude = withClaude()

  it('--system-prompt may be longer than an argument of a program', async () => {
    const {server, user} = claude
    const rules = user.write('config.yaml', `backends:\n  claude:\n    system_prompt: "${LONG}"\n`)
    const {code} = await user.clinvk(['--config', rules, 'hello'])
    assert.equal(code, 0)
    assert.ok(server.calls[0]!.system.includes(LONG))
    assert.deepEqual(
      readdirSync(user.env.TMPDIR!).filter((name) => name.startsWith('clinvk-')),
      [],
    )
  })

  it('--extra reaches claude as it is', async () => {
    const {server, user} = claude
    const {code} = await user.clinvk(['--extra=--append-system-prompt', '--extra=Be kind.', 'hello'])
    assert.equal(code, 0)
    assert.ok(server.calls[0]!.system.includes('Be kind.'))
  })

  it('--extra that clinvk sets itself is refused before anything happens', async () => {
    const {server, user} = claude
    for (const word of ['--output-format=json', '--resume', '-p']) {
      const {code, stderr} = await user.clinvk([`--extra=${word}`, 'hello'])
      assert.equal(code, 10)
      assert.match(stderr, /^Error: --extra \S+ is refused: clinvk sets this .*\n {2}Use the flag of clinvk/)
    }
    assert.deepEqual([user.sessions(), server.calls], [[], []])
  })
})

/** Linux takes at most 131,071 bytes an argument. */
const LONG = 'Be brief. '.repeat(15_000).trim()
