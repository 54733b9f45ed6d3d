import assert from 'node:assert/strict'
import {withClaude} from '../support/claude-sandbox.js'

describe('what claude may do', () => {
  const claude = withClaude()
  const isRoot = process.getuid?.() === 0
  /** The permission mode that claude itself says it works in. */
  const mode = async (words: string[], env = {}) => {
    const {code, stdout} = await claude.user.clinvk(['--ephemeral', '--raw', ...words, 'hello'], {env})
    assert.equal(code, 0)
    const {permissionMode} = JSON.parse(stdout.split('\n')[0]!) as {permissionMode: string}
    return permissionMode
  }

  for (const [words, expected] of [
    ['', 'default'],
    ['--approval-mode auto', 'acceptEdits'],
    ['--approval-mode none', 'dontAsk'],
    ['--sandbox-mode read-only', 'plan'],
  ] as const) {
    it(`is claude's ${expected} with ${words || 'no option'}`, async () => {
      assert.equal(await mode(words.split(' ').filter(Boolean)), expected)
    })
  }

  it("is claude's bypassPermissions with --sandbox-mode full, as root where the machine is a sandbox", async () => {
    assert.equal(await mode(['--sandbox-mode', 'full'], isRoot ? {IS_SANDBOX: '1'} : {}), 'bypassPermissions')
  })

  for (const [words, message, instead] of [
    ['--approval-mode always', /nobody is there to be asked/, /Use `clinvk resume` without a prompt/],
    [
      '--sandbox-mode workspace',
      /Claude Code has nothing that does this/,
      /knows --sandbox-mode default, read-only, full\./,
    ],
    ['--approval-mode auto --sandbox-mode read-only', /the other forbids it/, /Leave out one of the two\./],
    ...(isRoot ? [['--sandbox-mode full', /without limits as root/, /set IS_SANDBOX=1 when/] as const] : []),
  ] as const) {
    it(`is refused with ${words}, before anything is written`, async () => {
      const {server, user} = claude
      const {code, stderr, stdout} = await user.clinvk([...words.split(' '), 'hello'])
      assert.deepEqual([code, stdout], [10, ''])
      const [error, hint] = stderr.split('\n')
      assert.ok(error!.startsWith(`Error: ${words} is refused: `))
      assert.match(error!, message)
      assert.match(hint!, instead)
      assert.deepEqual([user.sessions(), user.conversations(), server.calls], [[], [], []])
    })
  }
})
