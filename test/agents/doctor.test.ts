import assert from 'node:assert/strict'
import {doctor, onlyWrong} from '../support/doctor.js'
import {withEveryAgent} from '../support/every-agent.js'

describe('doctor, with the real agents', () => {
  const machine = withEveryAgent()

  it('finds all well where they are signed in', async () => {
    const {code, stderr, stdout} = await machine.user.clinvk(['doctor', '--timeout', '60s'])
    assert.deepEqual({code, stderr}, {code: 0, stderr: ''}, stdout)
    assert.match(stdout, /^ok {8}claude: Claude Code 2\.1\.197 tested, signed in \(ANTHROPIC_API_KEY\)$/m)
    assert.match(stdout, /^ok {8}codex: Codex 0\.169\.0 tested, signed in \(MODEL_SERVER_KEY\)$/m)
    assert.match(stdout, /^ok {8}gemini: Gemini CLI 0\.61\.0 tested, signed in \(GEMINI_API_KEY\)$/m)
    assert.match(stdout, /^ok {8}opencode: OpenCode 1\.18\.33 tested, signed in \(MODEL_SERVER_KEY\)$/m)
    assert.match(stdout, /\n\nNo problems found\.\n$/)
    assert.deepEqual(machine.server.calls, [])
  })

  it('finds a problem where the default one is not signed in', async () => {
    delete machine.user.env.ANTHROPIC_API_KEY
    const found = await doctor(machine.user, ['--timeout', '60s'])
    const {hints, message, state} = onlyWrong(found, 'agents')
    assert.deepEqual(
      {code: found.code, state, message},
      {code: 1, state: 'problem', message: 'claude: Claude Code is not signed in.'},
    )
    assert.deepEqual(hints, ['Run `claude` and type /login, or set ANTHROPIC_API_KEY.'])
  })
})
