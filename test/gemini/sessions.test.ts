import assert from 'node:assert/strict'
import {answering, withGemini} from '../support/gemini-sandbox.js'

describe('a conversation with the real gemini', () => {
  const gemini = withGemini()

  it('is kept with the model that answered, also where gemini chose it', async () => {
    const {server, user} = gemini
    const {code, stderr, stdout} = await user.clinvk(['one'])
    assert.deepEqual([code, stderr, stdout], [0, '', 'You said: one | turns=1 | seen: [one]\n'])
    const {backend, backend_session_id: id, model, status, working_dir: directory} = user.session()
    assert.deepEqual([backend, directory, status], ['gemini', user.project, 'active'])
    assert.deepEqual(user.conversationIds(), [id])
    assert.equal(model, answering(server.calls)[0]?.model)
    assert.notEqual(model, 'auto')
  })
})
