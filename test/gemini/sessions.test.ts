import assert from 'node:assert/strict'
import {rmSync} from 'node:fs'
import {answering, result, withGemini} from '../support/gemini-sandbox.js'

describe('a conversation with the real gemini', () => {
  const gemini = withGemini()

  it('is kept, with the model that answered, and goes on with -c again and again', async () => {
    const {server, user} = gemini
    const {code, stderr, stdout} = await user.clinvk(['one'])
    assert.deepEqual([code, stderr, stdout], [0, '', 'You said: one | turns=1 | seen: [one]\n'])
    const {backend, backend_session_id: id, model, status, working_dir: directory} = user.session()
    assert.deepEqual([backend, directory, status], ['gemini', user.project, 'active'])
    assert.deepEqual(user.conversationIds(), [id])
    assert.equal(model, answering(server.calls)[0]?.model)
    assert.notEqual(model, 'auto')

    await user.clinvk(['-c', 'two'])
    const {content} = result(await user.clinvk(['-c', 'three', '-o', 'json']))
    assert.equal(content, 'You said: three | turns=3 | seen: [one] [two] [three]')
    assert.equal(user.session().turn_count, 3)
    assert.deepEqual(user.conversationIds(), [id])
  })

  it('goes on from any directory, in its own one', async () => {
    const {server, user} = gemini
    await user.clinvk(['one', '-m', 'fast'])
    const {id} = user.session()
    server.when('where', {tools: [{name: 'run_shell_command', input: {command: 'pwd'}}]}, {text: 'there'})
    const words = ['resume', id.slice(0, 6), 'where are you?', '--allowed-tools', 'run_shell_command']
    const {code, stderr, stdout} = await user.clinvk(words, {cwd: user.directory('elsewhere')})
    assert.deepEqual([code, stdout], [0, 'there\n'])
    assert.equal(stderr, `Note: Session ${id.slice(0, 8)} goes on in ${user.project}\n`)
    const call = server.calls.at(-1)!
    assert.ok(call.turns.at(-1)?.toolResults[0]?.text.includes(user.project))
    assert.deepEqual(call.prompts, ['one', 'where are you?'])
  })

  it('takes one turn at a time', async () => {
    const {server, user} = gemini
    server.when('slow', {hang: 'headers'})
    const first = user.start(['slow', '-m', 'fast'])
    await server.arrived('slow')
    const second = await user.clinvk(['-c', 'at once', '-o', 'json'])
    const {error, exit_code: code} = result(second)
    assert.deepEqual([code, error?.kind], [4, 'session'])
    assert.match(second.stderr, /Session [\da-f]{8} is in use: a turn of it runs in process \d+\.\n/)
    first.child.kill('SIGINT')
    assert.equal((await first.finished).code, 130)
    assert.equal(server.calls.length, 1)
  })

  it('that gemini has forgotten is not silently begun anew', async () => {
    const {server, user} = gemini
    await user.clinvk(['one', '-m', 'fast'])
    for (const file of user.conversations()) rmSync(file)
    const forgotten = await user.clinvk(['-c', 'two', '-o', 'json'])
    const {error, outcome} = result(forgotten)
    assert.deepEqual([forgotten.code, outcome, error?.kind], [4, 'session', 'session'])
    assert.match(error!.message, /No previous sessions found|Invalid session identifier/)
    assert.equal(server.calls.length, 1)
    assert.deepEqual(user.conversations(), [])
  })
})
