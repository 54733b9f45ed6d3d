import assert from 'node:assert/strict'
import {existsSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {withCodex} from '../support/codex-sandbox.js'

describe('what codex may do', () => {
  const codex = withCodex()

  for (const [words, inside, outside] of [
    ['', false, false],
    ['--approval-mode none', false, false],
    ['--approval-mode auto', true, false],
    ['--sandbox-mode read-only', false, false],
    ['--sandbox-mode workspace', true, false],
    ['--sandbox-mode workspace --approval-mode auto', true, false],
    ['--sandbox-mode full', true, true],
    ['--sandbox-mode full --approval-mode auto', true, true],
  ] as const) {
    const may = outside ? 'write everywhere' : inside ? 'write in the directory' : 'only read'
    it(`is to ${may} with ${words || 'no option'}`, async () => {
      const {server, user} = codex
      const there = user.elsewhere()
      writeFileSync(join(there, 'readable'), 'as it was')
      const command = `touch inside; touch ${there}/outside; cat ${there}/readable`
      server.when('try', {tools: [{name: 'exec_command', input: {cmd: command}}]})
      const {code} = await user.clinvk(['--ephemeral', ...words.split(' ').filter(Boolean), 'try'])
      assert.equal(code, 0)
      assert.equal(existsSync(join(user.project, 'inside')), inside)
      assert.equal(existsSync(join(there, 'outside')), outside)
      assert.match(server.calls[1]!.turns.at(-1)!.toolResults[0]!.text, /as it was/)
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

  for (const [words, message, instead] of [
    ['--approval-mode always', /nobody is there to be asked/, /Use `clinvk resume` without a prompt/],
    ['--approval-mode auto --sandbox-mode read-only', /the other forbids it/, /Leave out one of the two\./],
  ] as const) {
    it(`is refused with ${words}, before anything is written`, async () => {
      const {server, user} = codex
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
