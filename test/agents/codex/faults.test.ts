import assert from 'node:assert/strict'
import {result, withCodex} from '../../support/codex-sandbox.js'

/** How each fault of a model is told: `test/unit/backends/faults.test.ts`; more: `test/agents/promises/faults.test.ts`. */
describe('when the model of codex fails', () => {
  const codex = withCodex()

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
