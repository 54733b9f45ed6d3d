import assert from 'node:assert/strict'
import {FakeServer} from '../../support/fake-server.js'

describe('REST', () => {
  let server: FakeServer

  beforeEach(async () => (server = await FakeServer.start()))
  afterEach(() => server.close())

  it('describes every route, and no other one, in /openapi.json', async () => {
    const routes = server.app.routes
      .filter(({method}) => method !== 'ALL')
      .map(({method, path}) => `${method} ${path.replaceAll(/:(\w+)(\{\.\+\})?/g, '{$1}')}`)
    const {openapi, paths} = (await server.ask('/openapi.json')).json() as {
      openapi: string
      paths: Record<string, object>
    }
    const described = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    )
    assert.equal(openapi, '3.1.0')
    assert.ok(routes.length > 30)
    // The tools for agents take any method, and refuse others themselves.
    assert.deepEqual([...new Set(routes), 'POST /mcp'].sort(), described.sort())
  })

  it('takes all fields of clinvoker', async () => {
    const body = {
      backend: 'echo', prompt: 'hi', model: 'm', workdir: '', approval_mode: 'none', sandbox_mode: 'read-only',
      output_format: 'json', max_tokens: 5, max_turns: 3, system_prompt: '', verbose: false, dry_run: false,
      ephemeral: false, extra: [], metadata: {a: 'b'},
    } // prettier-ignore
    const answer = await server.ask('/api/v1/prompt', {body})
    assert.equal(answer.status, 200, answer.text)
    assert.deepEqual(server.clinvk.asked[0]!.session, {
      kind: 'new',
      fresh: true,
      tags: [],
      metadata: {a: 'b'},
      name: undefined,
    })
    const task = {backend: 'echo', prompt: 'hi', working_dir: process.cwd()}
    for (const [path, more] of [
      ['parallel', {tasks: [task], max_parallel: 2, fail_fast: true, dry_run: true}],
      ['chain', {steps: [{...task, name: 'a'}], stop_on_failure: false, pass_working_dir: true}],
      ['compare', {backends: ['echo'], prompt: 'hi', sequential: true}],
    ] as const)
      assert.equal((await server.ask(`/api/v1/${path}`, {body: more})).status, 200)
  })

  const bad: [string, unknown, number, RegExp][] = [
    ['a field that does not exist', {prompt: 'hi', promt: 'x'}, 400, /There is no field promt/],
    ['no prompt', {}, 400, /^prompt is missing\.$/],
    ['what is no JSON', '{"prompt":', 400, /not valid JSON/],
    ['nothing', '', 400, /not valid JSON/],
    ['a list', '[]', 400, /^The request: expected object, received array\.$/],
    [
      'a body that is nested too deep',
      `{"prompt":"hi","schema":${'{"a":'.repeat(100)}1${'}'.repeat(100)}}`,
      400,
      /deeper than 64/,
    ],
    ['brackets alone', '['.repeat(100_000), 400, /not valid JSON/],
    [
      'a list that is too long',
      `{"prompt":"hi","tags":[${'"a",'.repeat(10_001)}"a"]}`,
      400,
      /more than 10000/,
    ],
    ['__proto__', '{"prompt":"hi","__proto__":{"backend":"x"}}', 400, /__proto__/],
    ['more than 4 MiB', `{"prompt":"${'x'.repeat(4 * 1024 * 1024)}"}`, 413, /larger than/],
    ['two sessions', {prompt: 'hi', session: 'a', fork: 'b'}, 400, /Only one of/],
  ]
  for (const [title, body, status, message] of bad) {
    it(`refuses ${title} with ${status}`, async () => {
      const answer = await server.ask('/api/v1/prompt', {body})
      assert.equal(answer.status, status)
      assert.match(answer.error().message!, message)
      assert.deepEqual(server.clinvk.asked, [])
    })
  }

  it('answers a backend that there is not with 404 wherever one is named', async () => {
    const task = {backend: 'none', prompt: 'hi'}
    server.clinvk.stored = [{id: 'aaaa', backend: 'echo', working_dir: process.cwd()}]
    for (const stream of [false, true])
      for (const [path, body] of [
        ['prompt', task],
        ['prompt', {...task, fork: 'aaaa'}],
        ['parallel', {tasks: [task]}],
        ['chain', {steps: ['hi', task]}],
        ['compare', {prompt: 'hi', backends: ['echo', 'none']}],
      ] as const) {
        const answer = await server.ask(`/api/v1/${path}`, {body: {...body, stream}})
        assert.deepEqual([answer.status, answer.error().code], [404, 'backend_unknown'], path)
      }
    assert.deepEqual([server.clinvk.asked, server.clinvk.runs], [[], []])
  })

  it('refuses what a page of another site could send without asking, and other methods', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data'])
      assert.equal(
        (await server.ask('/api/v1/prompt', {body: '{}', headers: {'content-type': type}})).status,
        415,
      )
    const wrong = await server.ask('/api/v1/prompt')
    assert.deepEqual([wrong.status, wrong.headers.allow], [405, 'POST'])
  })

  it('counts a body that says no length, and takes bytes that are no UTF-8 for what they are', async () => {
    const chunk = 'x'.repeat(1024 * 1024)
    const head = (type: string) =>
      `POST /api/v1/prompt HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer a-token-of-the-tests-0123456789\r\nContent-Type: application/json\r\n${type}\r\n\r\n`
    const chunks = `100000\r\n${chunk}\r\n`.repeat(5)
    assert.match(await server.raw(`${head('Transfer-Encoding: chunked')}${chunks}`), /^HTTP\/1\.1 413 /)
    const body = Buffer.from([0x22, 0xff, 0x22])
    const answer = await server.raw(
      Buffer.concat([Buffer.from(head('Connection: close\r\nContent-Length: 3')), body]),
    )
    assert.match(answer, /^HTTP\/1\.1 400 [^]*UTF-8/)
  })

  it('streams the events of a turn; what goes wrong before it has a status', async () => {
    server.clinvk.answer = async (_, {output}) => {
      await output.event({type: 'text', text: 'line\nline'})
      return {}
    }
    const {headers, text} = await server.ask('/api/v1/prompt', {body: {prompt: 'hi', stream: true}})
    assert.match(String(headers['content-type']), /^text\/event-stream/)
    assert.equal(headers['x-clinvk-session'], 's1')
    const events = text
      .split('\n\n')
      .filter(Boolean)
      .map((event) => JSON.parse(event.replace('data: ', '')) as object)
    const {time, ...first} = events[0] as {time: string}
    assert.deepEqual(first, {type: 'text', text: 'line\nline', version: 1})
    assert.equal(new Date(time).toISOString(), time)
    assert.equal((events.at(-1) as {type: string}).type, 'done')
    const refused = await server.ask('/api/v1/prompt', {
      body: {prompt: 'hi', stream: true, sandbox_mode: 'full'},
    })
    assert.deepEqual([refused.status, refused.error().code], [403, 'ceiling'])
  })

  const ends: [string, object, number, string?][] = [
    ['auth', {kind: 'auth'}, 503, 'false'],
    ['a limit that ends soon', {kind: 'rate_limit', resets_at: '1970-01-01T00:00:30Z'}, 429],
    ['a limit that ends late', {kind: 'rate_limit', resets_at: '2099-01-01T00:00:00Z'}, 429, 'false'],
    ['timeout', {kind: 'timeout'}, 504, 'false'],
    ['a crash', {kind: 'agent'}, 502, 'false'],
    ['a limit of the turn', {kind: 'limit'}, 200, 'false'],
    ['a refusal', {kind: 'refused'}, 400, 'false'],
  ]
  for (const [title, error, status, again] of ends) {
    it(`answers ${title} with ${status}, so that no client runs the agent twice`, async () => {
      server.clinvk.answer = () => ({outcome: 'failed', error: {message: 'x', ...error} as never})
      const answer = await server.ask('/api/v1/prompt', {body: {prompt: 'hi'}})
      assert.deepEqual(
        [answer.status, title === 'a limit that ends soon' ? undefined : answer.headers['x-should-retry']],
        [status, again],
      )
    })
  }

  it('ends the turn of a client that leaves, but not one that runs detached', async () => {
    const stopped: string[] = []
    const ends: (() => void)[] = []
    server.clinvk.answer = ({prompt}, {stop}) =>
      new Promise((resolve) => {
        ends.push(() => resolve({}))
        stop.addEventListener('abort', () => {
          stopped.push(prompt)
          resolve({})
        })
      })
    const detached = await server.ask('/api/v1/prompt', {body: {prompt: 'detached', detach: true}})
    assert.deepEqual(
      [detached.status, detached.json()],
      [202, {session_id: 's1', backend: 'echo', status: 'running'}],
    )
    for (const stream of [false, true]) {
      const before = server.clinvk.asked.length
      const left = new AbortController()
      const asked = fetch(`http://127.0.0.1:${server.port}/api/v1/prompt`, {
        method: 'POST',
        signal: left.signal,
        headers: {
          authorization: 'Bearer a-token-of-the-tests-0123456789',
          'content-type': 'application/json',
        },
        body: JSON.stringify({prompt: `left ${stream}`, stream}),
      }).catch(() => undefined)
      while (server.clinvk.asked.length === before) await new Promise((resolve) => setImmediate(resolve))
      left.abort()
      await asked
      while (!stopped.includes(`left ${stream}`)) await new Promise((resolve) => setImmediate(resolve))
    }
    assert.ok(!stopped.includes('detached'))
    ends[0]!()
  })
})
