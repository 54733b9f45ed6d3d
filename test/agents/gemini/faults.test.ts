import assert from 'node:assert/strict'
import {result, withGemini} from '../../support/gemini-sandbox.js'
import type {Reply} from '../../support/model-server/index.js'
import {jsonLines} from '../../support/sandbox.js'

/** More of it: `test/agents/promises/faults.test.ts`. */
describe('when the model of gemini fails', () => {
  const gemini = withGemini()
  const FAST = ['-m', 'fast']
  const DAILY_QUOTA = {
    '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
    violations: [{quotaId: 'GenerateRequestsPerDayPerProjectPerModel-FreeTier'}],
  }

  const cases: {what: string; reply: Reply; code: number; kind: string; message: RegExp}[] = [
    {
      what: 'a key that is not valid',
      reply: {status: 400, message: 'API key not valid. Please pass a valid API key.'},
      code: 8,
      kind: 'auth',
      message: /^400 API key not valid/,
    },
    {
      what: 'a quota that is used up',
      reply: {status: 429, details: [DAILY_QUOTA]},
      code: 9,
      kind: 'rate_limit',
      message: /^You have exhausted your daily quota/,
    },
    {
      what: 'a stream that is cut',
      reply: {text: 'a b c d', cut: true},
      code: 1,
      kind: 'agent',
      message: /terminated/,
    },
    {
      what: 'an answer that is empty',
      reply: {empty: true},
      code: 1,
      kind: 'agent',
      message: /ended without a finish reason/,
    },
  ]
  for (const {code, kind, message, reply, what} of cases) {
    it(`${what} is told as what it is, with exit ${code}`, async () => {
      const {server, user} = gemini
      server.otherwise(reply)
      const failed = await user.clinvk(['hello', ...FAST, '-o', 'json'])
      const {error, usage} = result(failed)
      assert.deepEqual([failed.code, error?.kind, usage], [code, kind, undefined])
      assert.match(error!.message, message)
      assert.ok(failed.stderr.includes(`Error: ${error!.message}\n`), failed.stderr)
      assert.equal(user.session().status, 'error')
    })
  }

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
