import assert from 'node:assert/strict'
import {result, withClaude} from '../../support/claude-sandbox.js'

/** How each fault of a model is told: `test/unit/backends/faults.test.ts`; more: `test/agents/promises/faults.test.ts`. */
describe('when the model of claude fails', () => {
  const claude = withClaude()
  const NO_RETRY = {CLAUDE_CODE_MAX_RETRIES: '0'}

  for (const [what, fault] of [
    ['is cut', {cut: true}],
    ['is no JSON', {malformed: true}],
    ['ends with an error', {sseError: {type: 'overloaded_error', message: 'busy'}}],
  ] as const) {
    it(`a stream that ${what} gives the answer once all the same`, async () => {
      const {server, user} = claude
      const text = 'This is a long answer in many pieces.'
      server.when('break', {text, chunks: 6, chunkMs: 50, ...fault})
      const {code, stdout} = await user.clinvk(['break'])
      assert.deepEqual([code, stdout], [0, `${text}\n`])
      assert.deepEqual(
        server.calls.map(({stream}) => stream),
        [true, false],
      )
    })
  }

  it('what was shown of a broken stream is parted from another answer', async () => {
    const {server, user} = claude
    const broken = {text: 'This is a long answer.', chunkMs: 50, cut: true, failTimes: 1} as const
    server.when('break', {...broken, then: {text: 'Another answer.'}})
    const {stdout} = await user.clinvk(['break'])
    assert.match(stdout, /^This.*\n\nAnother answer\.\n$/)
  })

  it('a stream that breaks for good is an error, and the session goes on', async () => {
    const {server, user} = claude
    server.when('break', {text: 'This is a long answer.', cut: true})
    const env = {...NO_RETRY, CLAUDE_CODE_DISABLE_NONSTREAMING_FALLBACK: '1'}
    const {error, exit_code: code} = result(await user.clinvk(['break', '-o', 'json'], {env}))
    assert.deepEqual([code, error?.kind], [1, 'agent'])
    assert.match(error!.message, /Connection to the API was lost/)
    const {content} = result(await user.clinvk(['-c', 'go on', '-o', 'json']))
    assert.match(content, /seen: \[break] \[go on]$/)
  })
})
