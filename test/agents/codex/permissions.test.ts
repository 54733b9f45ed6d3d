import assert from 'node:assert/strict'
import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {withCodex} from '../../support/codex-sandbox.js'

/** What else codex may do: `test/agents/promises/permissions.test.ts`. */
describe('what codex may do', () => {
  const codex = withCodex()

  for (const [sandbox, mode] of [
    ['workspace', 'workspace-write'],
    ['full', 'danger-full-access'],
  ] as const) {
    it(`is not less with --sandbox-mode ${sandbox} because of --approval-mode auto`, async () => {
      const words = ['--sandbox-mode', sandbox, '--approval-mode', 'auto', '--dry-run', 'hello']
      assert.match((await codex.user.clinvk(words)).stdout, new RegExp(` --sandbox ${mode} `))
    })
  }

  it('is the same in the next turn only when it is said again', async () => {
    const {server, user} = codex
    const touch = (name: string) => ({tools: [{name: 'exec_command', input: {cmd: `touch ${name}`}}]})
    server.when('first', touch('first'))
    server.when('second', touch('second'))
    server.when('third', touch('third'))
    await user.clinvk(['first', '--sandbox-mode', 'workspace'])
    await user.clinvk(['-c', 'second'])
    await user.clinvk(['-c', 'third', '--sandbox-mode', 'workspace'])
    assert.deepEqual(
      ['first', 'second', 'third'].map((name) => existsSync(join(user.project, name))),
      [true, false, true],
    )
  })
})
