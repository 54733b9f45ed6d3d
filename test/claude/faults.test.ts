import assert from 'node:assert/strict'
import {result, withClaude} from '../support/claude-sandbox.js'
import {type Reply, startModelServer} from '../support/model-server/index.js'

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
    {
      what: 'too many requests',
      reply: {status: 429, headers: {'retry-after': '60'}},
      code: 9,
      kind: 'rate_limit',
      message: /429/,
    },
    {
      what: 'a server error',
      reply: {status: 500},
      code: 1,
      kind: 'agent',
      message: /500 .*server-side issue/,
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

  it('a key that is not accepted is known at once, although claude would try for minutes', async function () {
    this.timeout(15_000)
    const {server, user} = claude
    server.otherwise({status: 401})
    const {code, stderr, stdout} = await user.clinvk(['hello'])
    assert.deepEqual([code, stdout], [8, ''])
    assert.match(stderr, /^Error: Claude Code is not signed in: 401 authentication_failed$/m)
    assert.match(stderr, /^ {2}Run `claude` and type \/login, or set ANTHROPIC_API_KEY\.$/m)
    assert.deepEqual(user.processes(), [])
  })

  it('for want of a key, clinvk says how to sign in', async () => {
    const {server, user} = claude
    const signedOut = await user.clinvk(['hello', '-o', 'json'], {env: {ANTHROPIC_API_KEY: undefined}})
    const {error} = result(signedOut)
    assert.deepEqual([signedOut.code, error?.kind], [8, 'auth'])
    assert.match(error!.message, /^Not logged in/)
    assert.deepEqual(error!.hints, ['Run `claude` and type /login, or set ANTHROPIC_API_KEY.'])
    assert.deepEqual(server.calls, [])
  })

  it('the user sees that claude tries again, and gets the answer in the end', async () => {
    const {server, user} = claude
    server.when('busy', {status: 429, headers: {'retry-after': '1'}, failTimes: 1, then: {text: 'at last'}})
    const {code, stderr, stdout} = await user.clinvk(['busy'], {env: {CLAUDE_CODE_MAX_RETRIES: '1'}})
    assert.deepEqual([code, stdout], [0, 'at last\n'])
    assert.equal(stderr, 'Note: claude tries again in 1.0s (1 of 1): 429 rate_limit\n')
  })

  it('a server that does not answer the telephone is named', async () => {
    const {user} = claude
    const closed = await startModelServer()
    await closed.close()
    const {code, stderr} = await user.clinvk(['hello'], {env: {...NO_RETRY, ANTHROPIC_BASE_URL: closed.url}})
    assert.equal(code, 1)
    assert.match(stderr, /^Error: API Error: Unable to connect to API \(ConnectionRefused\)\n/)
  })

  it('a server that never answers is left after --timeout', async () => {
    const {server, user} = claude
    server.otherwise({hang: 'headers'})
    const turn = result(await user.clinvk(['hello', '--timeout', '2s', '-o', 'json']))
    assert.deepEqual([turn.exit_code, turn.error?.kind], [6, 'timeout'])
    assert.deepEqual(user.processes(), [])
  })

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

  it('claude that is not installed is named, with how to install it', async () => {
    const {user} = claude
    const {code, stderr} = await user.clinvk(['hello'], {env: {PATH: user.directory('empty')}})
    assert.equal(code, 2)
    assert.match(
      stderr,
      /^Error: Claude Code is not installed: there is no claude in PATH\.\n {2}Install it: npm install -g @anthropic-ai\/claude-code\n/,
    )
    assert.deepEqual(user.sessions(), [])
  })
})
