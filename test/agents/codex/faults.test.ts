import assert from 'node:assert/strict'
import {result, withCodex} from '../../support/codex-sandbox.js'
import type {Reply} from '../../support/model-server/index.js'

/** More of it: `test/agents/promises/faults.test.ts`. */
describe('when the model of codex fails', () => {
  const codex = withCodex()

  const cases: {what: string; reply: Reply; code: number; kind: string; message: RegExp}[] = [
    {
      what: 'a bad request',
      reply: {status: 400, message: 'no such field'},
      code: 1,
      kind: 'agent',
      message: /^no such field$/,
    },
    {what: 'no right to use it', reply: {status: 403}, code: 8, kind: 'auth', message: /403 Forbidden/},
    {what: 'an unknown model', reply: {status: 404}, code: 1, kind: 'agent', message: /404 Not Found/},
    {
      what: 'an empty account',
      reply: {status: 429, errorType: 'insufficient_quota'},
      code: 9,
      kind: 'rate_limit',
      message: /^Quota exceeded/,
    },
    {what: 'an overload', reply: {status: 503}, code: 1, kind: 'agent', message: /503 Service Unavailable/},
    {
      what: 'a stream that is cut',
      reply: {text: 'This is a long answer.', cut: true},
      code: 1,
      kind: 'agent',
      message: /stream disconnected before completion/,
    },
    {
      what: 'a stream without anything',
      reply: {empty: true},
      code: 1,
      kind: 'agent',
      message: /stream disconnected before completion|stream closed/,
    },
    {
      what: 'a stream that ends with an error',
      reply: {text: 'This is long.', sseError: {type: 'server_error', message: 'busy'}},
      code: 1,
      kind: 'agent',
      message: /busy/,
    },
    {
      what: 'an answer that was cut off',
      reply: {text: 'partial', stop: 'max_output_tokens'},
      code: 1,
      kind: 'agent',
      message: /Incomplete response returned, reason: max_output_tokens/,
    },
  ]
  for (const {code, kind, message, reply, what} of cases) {
    it(`${what} is told as what it is, with exit ${code}`, async () => {
      const {server, user} = codex
      server.otherwise(reply)
      const failed = await user.clinvk(['hello', '-o', 'json'])
      const {error} = result(failed)
      assert.deepEqual([failed.code, error?.kind], [code, kind])
      assert.match(error!.message, message)
      assert.ok(failed.stderr.startsWith(`Error: ${error!.message}\n`), failed.stderr)
      const {error_message: kept, status} = user.session()
      assert.deepEqual([kept, status], [error!.message, 'error'])
    })
  }

  it('a limit of usage is told with its end', async () => {
    const {server, user} = codex
    const reset = Math.floor(Date.now() / 1000) + 3600
    server.otherwise({
      status: 429,
      errorType: 'usage_limit_reached',
      details: [{resets_at: reset, plan_type: 'plus'}],
    })
    const {error, exit_code: code} = result(await user.clinvk(['hello', '-o', 'json']))
    assert.deepEqual([code, error?.kind], [9, 'rate_limit'])
    assert.match(error!.message, /usage limit/)
    assert.ok(Math.abs(Date.parse(error!.resets_at!) / 1000 - reset) < 61, error!.resets_at)
  })

  it('a line of a stream that is no JSON does no harm', async () => {
    const {server, user} = codex
    server.when('break', {text: 'This is a long answer in many pieces.', malformed: true})
    const {code, stdout} = await user.clinvk(['break'])
    assert.deepEqual([code, stdout], [0, 'This is a long answer in many pieces.\n'])
  })
})
