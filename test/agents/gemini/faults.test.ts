import assert from 'node:assert/strict'
import {result, withGemini} from '../../support/gemini-sandbox.js'
import {jsonLines} from '../../support/sandbox.js'

/** How each fault of a model is told: `test/unit/backends/faults.test.ts`; more: `test/agents/promises/faults.test.ts`. */
describe('when the model of gemini fails', () => {
  const gemini = withGemini()
  const FAST = ['-m', 'fast']

  it('a model that repeats itself is stopped, and that is no success', async () => {
    const {server, user} = gemini
    server.when('repeat', {text: 'a word and then another, '.repeat(500), chunks: 50})
    const {content, error, exit_code: code} = result(await user.clinvk(['repeat', ...FAST, '-o', 'json']))
    assert.deepEqual([code, error], [1, {kind: 'agent', message: 'Loop detected, stopping execution'}])
    assert.ok(content.startsWith('a word and then another, '))
  })

  it('an answer that gemini begins anew stands once in the result, though twice in the stream', async () => {
    const {server, user} = gemini
    user.configure({maxAttempts: 'default'})
    const text = 'This is a long answer in many pieces.'
    const sseError = {type: 'UNAVAILABLE', message: 'busy'}
    server.when('break', {text, sseError, failTimes: 1, then: {text: 'Another answer.'}})
    const events = jsonLines(await user.clinvk(['break', ...FAST, '-o', 'stream-json']))
    const said = events.flatMap(({text, type}) => (type === 'text' ? [text] : [])).join('')
    assert.match(said, /^This is.*Another answer\.$/)
    assert.equal(events.at(-1)?.content, 'Another answer.')
  })
})
