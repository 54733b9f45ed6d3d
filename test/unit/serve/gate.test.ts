import assert from 'node:assert/strict'
import {FakeServer, TOKEN} from '../../support/fake-server.js'

describe('gate of the server', () => {
  let server: FakeServer

  afterEach(() => server.close())

  describe('host', () => {
    for (const [host, status] of [
      ['127.0.0.1', 200],
      ['127.0.0.1:1234', 200],
      ['localhost', 200],
      ['LOCALHOST:80', 200],
      ['box.example', 200],
      ['attacker.example', 421],
      ['127.0.0.1.evil.com', 421],
      ['localhost.evil.com', 421],
      ['[::1].evil', 421],
      ['127.0.0.2', 421],
      ['2130706433', 421],
      ['user@localhost', 421],
    ] as const) {
      it(`${host} is answered with ${status}, before the token is asked for`, async () => {
        server = await FakeServer.start({allowed_hosts: ['box.example']})
        const {status: found} = await server.ask('/health', {headers: {host, authorization: null}})
        assert.equal(found, status)
      })
    }

    it('two hosts, and a target on another host, are refused', async () => {
      server = await FakeServer.start()
      const two = await server.raw('GET /health HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n')
      assert.match(two, /^HTTP\/1\.1 4(?:00|21) /)
      const absolute = await server.raw('GET http://evil.example/health HTTP/1.1\r\nHost: localhost\r\n\r\n')
      assert.match(absolute, /^HTTP\/1\.1 421 /)
      const own = await server.raw(
        'GET http://localhost/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
      )
      assert.match(own, /^HTTP\/1\.1 200 /)
      const empty = await server.raw('GET /health HTTP/1.1\r\nHost:\r\n\r\n')
      assert.match(empty, /^HTTP\/1\.1 4(?:00|21) /)
      const none = await server.raw('GET /health HTTP/1.0\r\n\r\n')
      assert.match(none, /^HTTP\/1\.1 421 /)
    })
  })

  it('takes 16 KiB of headers, and no more', async () => {
    server = await FakeServer.start()
    const head = 'GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-Long: '
    for (const [kib, status] of [
      [15, 200],
      [17, 431],
    ] as const)
      assert.match(
        await server.raw(`${head}${'x'.repeat(kib * 1024)}\r\n\r\n`),
        new RegExp(`^HTTP/1.1 ${status} `),
      )
  })

  it('without the token nobody learns which paths there are; /health says only that it is there', async () => {
    server = await FakeServer.start()
    for (const path of ['/nothing', '/openapi.json', '/api/v1/prompt', '/metrics'])
      assert.equal((await server.ask(path, {headers: {authorization: null}})).status, 401)
    assert.equal((await server.ask('/nothing')).status, 404)
    const health = await server.ask('/health', {headers: {authorization: null}})
    assert.deepEqual(health.json(), {status: 'ok'})
  })

  it('the token is taken as Bearer and as x-api-key; a wrong one and none are answered alike', async () => {
    server = await FakeServer.start()
    const sent = async (headers: Record<string, string | null>) =>
      server.ask('/nothing', {headers: {authorization: null, ...headers}})
    assert.equal((await sent({'x-api-key': TOKEN})).status, 404)
    assert.equal((await sent({authorization: `bearer ${TOKEN}`})).status, 404)
    const [none, wrong] = [await sent({}), await sent({authorization: `Bearer ${TOKEN}x`})]
    assert.equal(none.status, 401)
    assert.equal(none.headers['www-authenticate'], 'Bearer')
    assert.equal(none.text, wrong.text)
  })

  it('an error has the shape of the API that was asked', async () => {
    server = await FakeServer.start()
    const error = async (path: string) => (await server.ask(path, {headers: {authorization: null}})).error()
    assert.equal((await error('/openai/v1/models')).code, 'invalid_api_key')
    assert.equal((await error('/anthropic/v1/messages')).type, 'authentication_error')
    assert.equal((await error('/api/v1/sessions')).code, 'token')
  })

  it('after 20 failures in a minute an address has to wait; who has the token does not', async () => {
    server = await FakeServer.start()
    const wrong = async () => server.ask('/nothing', {headers: {authorization: 'Bearer wrong'}})
    for (let count = 0; count < 20; count++) assert.equal((await wrong()).status, 401)
    const locked = await wrong()
    assert.equal(locked.status, 429)
    assert.equal(locked.headers['retry-after'], '60')
    assert.equal((await server.ask('/nothing')).status, 404)
    server.clock.now += 60_001
    assert.equal((await wrong()).status, 401)
  })

  it('an address that a proxy forwards counts only where the proxy was named', async () => {
    server = await FakeServer.start({trusted_proxies: ['127.0.0.1']})
    const wrong = async (address: string) =>
      (await server.ask('/', {headers: {authorization: null, 'x-forwarded-for': address}})).status
    for (let count = 0; count < 20; count++) await wrong('192.0.2.1')
    assert.deepEqual([await wrong('192.0.2.1'), await wrong('192.0.2.2')], [429, 401])
    await server.close()
    server = await FakeServer.start()
    for (let count = 0; count < 20; count++) await wrong(`192.0.2.${count}`)
    assert.equal(await wrong('192.0.2.99'), 429)
  })

  describe('pages', () => {
    for (const [title, headers, status] of [
      ['our own page', {origin: 'http://localhost', host: 'localhost'}, 404],
      ['the same name on another port', {origin: 'http://localhost:1', host: 'localhost'}, 403],
      ['a page of a file', {origin: 'file://'}, 403],
      ['a page without origin', {origin: 'null'}, 403],
      ['another site, with the token', {origin: 'https://evil.example'}, 403],
      ['a page that was allowed', {origin: 'https://chat.example'}, 404],
      ['a part of its name', {origin: 'https://chat.example.evil.com'}, 403],
      ['an image on another site', {authorization: null, 'sec-fetch-site': 'cross-site', cookie: 'a=b'}, 403],
      ['a page of another port', {authorization: null, 'sec-fetch-site': 'same-site', cookie: 'a=b'}, 403],
    ] as const) {
      it(`${title} is answered with ${status}`, async () => {
        server = await FakeServer.start({allowed_origins: ['https://chat.example']})
        assert.equal((await server.ask('/nothing', {headers})).status, status)
      })
    }

    it('no header lets another origin read, unless it was allowed', async () => {
      server = await FakeServer.start({allowed_origins: ['https://chat.example']})
      const cors = async (headers: Record<string, string | null>, method = 'GET', path = '/nothing') => {
        const answer = await server.ask(path, {headers, method})
        const names = Object.entries(answer.headers).filter(
          ([name]) => name.startsWith('access-control-') || name === 'vary',
        )
        return [answer.status, Object.fromEntries(names)] as const
      }
      assert.deepEqual(await cors({}), [404, {}])
      const preflight = {
        authorization: null,
        'access-control-request-method': 'POST',
        'access-control-request-private-network': 'true',
      }
      assert.deepEqual(await cors({...preflight, origin: 'https://evil.example'}, 'OPTIONS'), [403, {}])
      const [status, headers] = await cors({...preflight, origin: 'https://chat.example'}, 'OPTIONS')
      assert.equal(status, 204)
      assert.equal(headers['access-control-allow-origin'], 'https://chat.example')
      assert.equal(headers.vary, 'Origin')
      assert.ok(
        !('access-control-allow-credentials' in headers) &&
          !('access-control-allow-private-network' in headers),
      )
      for (const [status, path, authorization] of [
        [404, '/nothing', {}],
        [401, '/nothing', {authorization: null}],
        [405, '/mcp', {}],
      ] as const) {
        const [found, {'access-control-allow-origin': origin, vary}] = await cors(
          {origin: 'https://chat.example', ...authorization},
          'GET',
          path,
        )
        assert.deepEqual([found, origin, vary], [status, 'https://chat.example', 'Origin'])
      }
    })
  })

  it('a line of the log tells the route and the status, and nothing that was sent', async () => {
    server = await FakeServer.start()
    await server.ask('/api/v1/secret-path?key=secret', {headers: {'user-agent': 'secret'}})
    await server.close()
    const text = server.logged.join('')
    assert.match(text, /^\S+ GET - 404 0ms bytes=\d+\n$/)
    assert.ok(!text.includes('secret'))
  })
})
