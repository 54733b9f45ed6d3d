import assert from 'node:assert/strict'
import {existsSync} from 'node:fs'
import {result, withGemini} from '../../support/gemini-sandbox.js'

/** With gemini's own settings, its clean-up takes a session that was resumed in another minute for an empty one. */
describe("gemini's clean-up of old sessions", () => {
  const gemini = withGemini()
  const FAST = ['-m', 'fast']

  /** One turn, long ago. */
  const firstTurn = async () => {
    const {user} = gemini
    user.configure({cleanUp: true})
    await user.clinvk(['one', ...FAST])
    user.ageConversations()
    return user.session()
  }

  it('spares a session that clinvk has resumed', async () => {
    const {user} = gemini
    const {id} = await firstTurn()
    const [file] = user.conversations()
    await user.clinvk(['-c', 'two', ...FAST])
    assert.deepEqual(user.conversations(), [file])
    await user.clinvk(['something else', '--new', ...FAST])
    assert.ok(existsSync(file!))
    const {content} = result(await user.clinvk(['resume', id, 'three', '-o', 'json', ...FAST]))
    assert.equal(content, 'You said: three | turns=3 | seen: [one] [two] [three]')
  })

  it('loses one that gemini itself has resumed, and clinvk says so', async () => {
    const {user} = gemini
    const {backend_session_id: nativeId, id} = await firstTurn()
    const words = ['--resume', nativeId!, '--model', 'flash-lite', '--skip-trust']
    await user.run('gemini', words, {stdin: 'two'}).finished
    assert.equal(user.conversations().length, 2)
    await user.clinvk(['something else', '--new', ...FAST])
    const {error, exit_code: code} = result(await user.clinvk(['resume', id, 'three', '-o', 'json', ...FAST]))
    assert.deepEqual([code, error?.kind], [4, 'session'])
    assert.match(error!.message, /Invalid session identifier/)
  })
})
