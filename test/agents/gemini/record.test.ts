import assert from 'node:assert/strict'
import {existsSync} from 'node:fs'
import {backendOf} from '../../support/backend-of.js'
import {result, withGemini} from '../../support/gemini-sandbox.js'
import {recordOf} from '../../support/record-of.js'

describe("gemini's own record of a conversation", () => {
  const gemini = withGemini()
  const FAST = ['-m', 'fast', '-o', 'json']
  const turn = async (...words: string[]) => result(await gemini.user.clinvk([...words, ...FAST]))

  it('loses the twins of a resumed session and its tool outputs when it is deleted', async () => {
    const {user} = gemini
    await turn('one')
    user.ageConversations()
    const {backend_session_id: id = ''} = user.session()
    await user.run('gemini', ['--resume', id, '--model', 'flash-lite', '--skip-trust'], {stdin: 'two'})
      .finished
    const output = user.write(`.gemini/tmp/project/tool-outputs/session-${id}/a.txt`, 'long')
    assert.equal(user.conversations().length, 2)
    const {code} = await user.clinvk(['sessions', 'delete', '@last', '--agent'])
    assert.equal(code, 0)
    assert.deepEqual([user.conversations(), existsSync(output)], [[], false])
  })

  it('tells when a turn of a resumed session was, although gemini writes the old ones anew', async () => {
    const {user} = gemini
    await turn('one')
    const between = new Date().toISOString()
    await turn('-c', 'two')
    const found = await recordOf('gemini', user, user.session())
    assert.deepEqual(
      found?.turns.map(({startedAt}) => startedAt > between),
      [false, true],
    )
  })

  it('corrects what a broken stream has shown twice, also in a resumed session', async () => {
    const {server, user} = gemini
    user.configure({maxAttempts: 'default'})
    const text = 'This is a long answer in many pieces.'
    const sseError = {type: 'UNAVAILABLE', message: 'busy'}
    server.when('break', {text, sseError, failTimes: 1, then: {text: 'Another answer.'}})
    await turn('a first turn whose answer has quite some words to be compared with')
    assert.equal((await turn('-c', 'break')).content, 'Another answer.')
  })

  it('is begun anew in the interactive program where the first turn has failed', async () => {
    const {server, user} = gemini
    server.when('fail', {status: 400})
    await turn('fail')
    const {backend_session_id: id = '', backend_state: state} = user.session()
    const {backend} = await backendOf('gemini')
    const program = backend.interactive?.(
      {id, cwd: user.project, ...(state === undefined ? {} : {state})},
      {model: 'flash'},
      {platform: 'linux', isRoot: false, env: {}},
    )
    assert.deepEqual(program, {
      kind: 'program',
      args: ['--session-id', id, '--model', 'flash'],
      env: {GEMINI_CLI: undefined},
    })
  })
})
