import assert from 'node:assert/strict'
import {result, withCodex} from '../support/codex-sandbox.js'
import {type Reply, startModelServer} from '../support/model-server/index.js'

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
    {what: 'a bad key', reply: {status: 401}, code: 8, kind: 'auth', message: /401 Unauthorized/},
    {what: 'no right to use it', reply: {status: 403}, code: 8, kind: 'auth', message: /403 Forbidden/},
    {what: 'an unknown model', reply: {status: 404}, code: 1, kind: 'agent', message: /404 Not Found/},
    {
      what: 'too many requests',
      reply: {status: 429, headers: {'retry-after': '60'}},
      code: 9,
      kind: 'rate_limit',
      message: /429 Too Many Requests/,
    },
    {
      what: 'an empty account',
      reply: {status: 429, errorType: 'insufficient_quota'},
      code: 9,
      kind: 'rate_limit',
      message: /^Quota exceeded/,
    },
    {what: 'a server error', reply: {status: 500}, code: 1, kind: 'agent', message: /high demand/},
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

  it('a key that is not accepted is known at once, although codex would try again', async () => {
    const {server, user} = codex
    user.configure({retries: 'its own'})
    server.otherwise({status: 401})
    const {code, stderr, stdout} = await user.clinvk(['hello'])
    assert.deepEqual([code, stdout, server.calls.length], [8, '', 1])
    assert.match(stderr, /^Error: Codex is not signed in: unexpected status 401 Unauthorized/m)
    assert.match(stderr, /^ {2}Run `codex login`, or set CODEX_API_KEY\.$/m)
    assert.deepEqual(user.processes(), [])
  })

  it('for want of a key, clinvk says how to sign in', async () => {
    const {server, user} = codex
    const {error, exit_code: code} = result(
      await user.clinvk(['hello', '-o', 'json'], {env: {MODEL_SERVER_KEY: undefined}}),
    )
    assert.deepEqual([code, error?.kind, server.calls], [8, 'auth', []])
    assert.match(error!.message, /^Missing environment variable/)
  })

  it('the user sees that codex tries again, and gets the answer in the end', async () => {
    const {server, user} = codex
    user.configure({retries: 'its own'})
    server.when('busy', {text: 'This is long.', cut: true, failTimes: 1, then: {text: 'at last'}})
    const {code, stderr, stdout} = await user.clinvk(['busy'])
    assert.deepEqual([code, stdout], [0, 'at last\n'])
    assert.match(stderr, /^Note: codex tries again \(1 of 5\): stream disconnected .*\n$/)
  })

  it('a server that does not answer the telephone is named, and no sign of life', async () => {
    const {user} = codex
    const closed = await startModelServer()
    await closed.close()
    const base = `--extra=--config=model_providers.model-server.base_url="${closed.url}/openai/v1"`
    const {code, stderr} = await user.clinvk(['hello', base, '--timeout', '20s', '--idle-timeout', '2s'])
    assert.equal(code, 6)
    assert.match(stderr, /^Note: codex tries again \(1\): Connection failed: error sending request\n/)
    assert.match(stderr, /^Error: Codex gave no sign of life for 2\.0s\.$/m)
    assert.deepEqual(user.processes(), [])
  })

  it('a server that never answers is left after --timeout', async () => {
    const {server, user} = codex
    server.otherwise({hang: 'headers'})
    const turn = result(await user.clinvk(['hello', '--timeout', '2s', '-o', 'json']))
    assert.deepEqual([turn.exit_code, turn.error?.kind], [6, 'timeout'])
    assert.deepEqual(user.processes(), [])
  })

  it('a line of a stream that is no JSON does no harm', async () => {
    const {server, user} = codex
    server.when('break', {text: 'This is a long answer in many pieces.', malformed: true})
    const {code, stdout} = await user.clinvk(['break'])
    assert.deepEqual([code, stdout], [0, 'This is a long answer in many pieces.\n'])
  })

  it('codex that is not installed is named, with how to install it', async () => {
    const {user} = codex
    const {code, stderr} = await user.clinvk(['hello'], {env: {PATH: user.directory('empty')}})
    assert.equal(code, 2)
    assert.match(
      stderr,
      /^Error: Codex is not installed: there is no codex in PATH\.\n {2}Install it: npm install -g @openai\/codex\n/,
    )
    assert.deepEqual(user.sessions(), [])
  })
})
