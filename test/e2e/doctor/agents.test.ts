import assert from 'node:assert/strict'
import {doctor, onlyWrong, wrong} from '../../support/doctor.js'
import {InventedAgents} from '../../support/invented-agents.js'
import {ends} from '../../support/sandbox.js'

describe('doctor, about agents,', () => {
  const user = new InventedAgents().forEachTest()

  it('finds a problem only where the default one is missing, and says how to install it', async () => {
    const found = await doctor(user)
    assert.equal(found.code, 1)
    const {hints, message, state} = onlyWrong(found, 'agents')
    assert.deepEqual({message, state}, {message: 'claude: Claude Code is not installed.', state: 'problem'})
    assert.deepEqual(hints, ['Install it: npm install -g @anthropic-ai/claude-code'])
  })

  it('finds no problem where the default one is there, and others are not', async () => {
    user.installClaude()
    await ends(user.clinvk(['doctor']), {
      code: 0,
      stdout: /^ok {8}codex: Codex is not installed; to install it: npm install -g @openai\/codex$/m,
    })
  })

  it('warns of one that is too old, and of one that is newer than what was tested', async () => {
    user.installClaude({version: '1.0.9'})
    user.install('codex', 'echo codex-cli 9.0.0; echo Logged in using ChatGPT')
    const found = await doctor(user)
    assert.equal(found.code, 0)
    const [claude, codex] = wrong(found, 'agents')
    assert.match(claude!.message, /^claude: Claude Code 1\.0\.9 is older than 2\.0\.0/)
    assert.deepEqual(claude!.hints, ['Get the latest: npm install -g @anthropic-ai/claude-code'])
    assert.match(codex!.message, /^codex: Codex 9\.0\.0 is newer than 0\.169\.0/)
  })

  it('does not wait for one that hangs, and says how to try it', async () => {
    user.install('claude', 'sleep 1000')
    const found = await doctor(user, ['--timeout', '1s'])
    const {hints, message, state} = onlyWrong(found, 'agents')
    assert.deepEqual(
      {state, message},
      {state: 'warning', message: 'claude: Claude Code: it is unknown whether you are signed in.'},
    )
    assert.ok(hints!.includes('`claude auth status --json` gave no answer within 1.0s.'), hints!.join('\n'))
    assert.equal(hints!.at(-1), 'Try it: clinvk doctor --live claude')
    assert.deepEqual(user.processes(), [])
  })

  it('finds a problem where the default backend is none, or is switched off', async () => {
    user.write('.clinvk/config.yaml', 'default_backend: cloude\n')
    assert.match(onlyWrong(await doctor(user), 'agents').message, /The default backend is cloude/)
    user.write('.clinvk/config.yaml', 'default_backend: echo\nbackends: {echo: {enabled: false}}\n')
    const {message, state} = onlyWrong(await doctor(user), 'agents')
    assert.equal(state, 'problem')
    assert.match(message, /echo: Echo is switched off by backends\.echo\.enabled/)
  })
})
