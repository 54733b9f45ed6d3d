import assert from 'node:assert/strict'
import {result, withCodex} from '../../support/codex-sandbox.js'
import {jsonLines} from '../../support/sandbox.js'

describe('what clinvk prints of codex', () => {
  const codex = withCodex()

  it('tells of a tool as soon as it runs', async () => {
    const {server, user} = codex
    const command = 'until [ -e go ]; do sleep 0.05; done'
    server.when('wait', {tools: [{name: 'exec_command', input: {cmd: command}}]}, {text: 'gone'})
    const running = user.start(['wait', '-o', 'stream-json'])
    await running.shows('"type":"tool_call"')
    user.write('project/go', '')
    const events = jsonLines(await running.finished)
    const [call] = events.filter(({type}) => type === 'tool_call')
    assert.equal(call!.target, command)
  })

  it("with --raw is codex's own stream", async () => {
    const {user} = codex
    const lines = jsonLines(await user.clinvk(['hello', '--raw']))
    assert.deepEqual([lines[0]?.type, lines.at(-1)?.type], ['thread.started', 'turn.completed'])
    assert.equal(user.session().last_outcome, 'success')
  })

  it('of a warning is a notice', async () => {
    const {user} = codex
    const turn = await user.clinvk(['-m', 'gpt-of-tomorrow', 'hello', '-o', 'json'])
    assert.equal(result(turn).model, 'gpt-of-tomorrow')
    const {stderr} = await user.clinvk(['-c', '-m', 'gpt-5.5', 'again'])
    assert.match(stderr, /^Note: This session was recorded with model `gpt-of-tomorrow`/)
  })
})
