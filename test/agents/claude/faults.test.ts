import assert from 'node:assert/strict'
import {result, withClaude} from '../../support/claude-sandbox.js'
import type {Reply} from '../../support/model-server/index.js'

/** More of it: `test/agents/promises/faults.test.ts`. */
describe('when the model of claude fails', () => {
  const claude = withClaude()
  const NO_RETRY = {CLAUDE_CODE_MAX_RETRIES: '0'}

  const cases: {what: string; reply: Reply; code: number; kind: string; message: RegExp}[] = [
    {
      what: 'a bad request',
      reply: {status: 400, message: 'no such field'},
      code: 1,
      kind: 'agent',
      message: /400 no such field/,
    },
    {what: 'no right to use it', reply: {status: 403}, code: 8, kind: 'auth', message: /403/},
    {
      what: 'an unknown model',
      reply: {status: 404},
      code: 1,
      kind: 'agent',
      message: /selected model \(.*\)\. It may not exist/,
    },
    {what: 'an overload', reply: {status: 529}, code: 1, kind: 'agent', message: /529/},
    {
      what: 'a prompt that is too long for it',
      reply: {status: 400, message: 'prompt is too long: 250000 tokens > 200000 maximum'},
      code: 1,
      kind: 'agent',
      message: /^Prompt is too long/,
    },
    {
      what: 'an empty account',
      reply: {status: 400, message: 'Your credit balance is too low to access the Anthropic API.'},
      code: 9,
      kind: 'rate_limit',
      message: /^Credit balance is too low/,
    },
  ]
  for (const {code, kind, message, reply, what} of cases) {
    it(`${what} is told as what it is, with exit ${code}`, async () => {
      const {server, user} = claude
      server.otherwise(reply)
      const failed = await user.clinvk(['hello', '-o', 'json'], {env: NO_RETRY})
      const {content, error} = result(failed)
      assert.deepEqual([failed.code, error?.kind, content], [code, kind, ''])
      assert.match(error!.message, message)
      assert.ok(failed.stderr.startsWith(`Error: ${error!.message}\n`))
      const {error_message: kept, status} = user.session()
      assert.deepEqual([kept, status], [error!.message, 'error'])
    })
  }

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
