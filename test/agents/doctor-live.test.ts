import assert from 'node:assert/strict'
import {readdirSync} from 'node:fs'
import {join} from 'node:path'
import {doctor} from '../support/doctor.js'
import {withEveryAgent} from '../support/agent-user.js'

/** `doctor --live`: the only check that spends something. */
describe('doctor --live', () => {
  const machine = withEveryAgent()

  for (const [backend, model] of [
    ['claude', /claude/],
    // Codex does not tell which model has answered.
    ['codex', /^Codex/],
    ['gemini', /gemini/],
    ['opencode', /model-a/],
  ] as const) {
    it(`sends one tiny prompt to ${backend}, tells what came back, and keeps nothing`, async () => {
      machine.server.otherwise({text: 'OK'})
      const {findings} = await doctor(machine.user, ['--live', backend, '--yes'])
      assert.equal(findings.length, 1)
      assert.match(findings[0]!.message, /answers: OK \((\S+, )?[\d,]+ tokens, [\d.]+s\)$/)
      assert.match(findings[0]!.message, model)
      assert.deepEqual(machine.user.sessions(), [])
      assert.deepEqual(
        readdirSync(join(machine.user.home, 'tmp')).filter((name) => name.startsWith('clinvk-')),
        [],
      )
    })
  }

  it('says what is wrong where the agent does not answer', async () => {
    delete machine.user.env.ANTHROPIC_API_KEY
    const {code, findings} = await doctor(machine.user, ['--live', 'claude', '--yes'])
    assert.deepEqual({code, state: findings[0]?.state}, {code: 1, state: 'problem'})
    assert.match(findings[0]!.message, /^Claude Code: .*Not logged in/)
  })
})
