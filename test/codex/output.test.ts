import assert from 'node:assert/strict'
import {result, withCodex} from '../support/codex-sandbox.js'
import {jsonLines} from '../support/sandbox.js'

describe('what clinvk prints of codex', () => {
  const codex = withCodex()
  const ECHO = {name: 'exec_command', input: {cmd: "echo 'it is'"}}

  it('as text is the answer and nothing else', async () => {
    const {server, user} = codex
    server.when('use', {thinking: 'hm', text: 'First.', tools: [ECHO]}, {thinking: 'hm', text: 'Then.\n'})
    const {code, stderr, stdout} = await user.clinvk(['use a tool'])
    assert.deepEqual([code, stdout, stderr], [0, 'First.\n\nThen.\n', ''])
  })

  it('as stream-json is one stream of events with a begin and an end', async () => {
    const {server, user} = codex
    server.when('use', {thinking: 'hm', text: 'First.', tools: [ECHO]}, {text: 'Then.'})
    const events = jsonLines(await user.clinvk(['use a tool', '-o', 'stream-json']))
    assert.deepEqual(
      events.map(({type}) => type),
      ['session', 'reasoning', 'text', 'tool_call', 'tool_result', 'text', 'usage', 'done'],
    )
    const [session, reasoning, , call, output, , usage, done] = events
    assert.equal(session!.session_id, user.session().id)
    assert.equal(session!.backend_session_id, user.session().backend_session_id)
    assert.equal(reasoning!.text, 'hm')
    assert.deepEqual([call!.name, call!.target], ['exec_command', "echo 'it is'"])
    assert.deepEqual([output!.id, output!.output, output!.is_error], [call!.id, 'it is\n', false])
    assert.equal(done!.content, 'First.\n\nThen.')
    assert.deepEqual(done!.usage, usage!.usage)
  })

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
