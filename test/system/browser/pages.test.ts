import assert from 'node:assert/strict'
import {once} from 'node:events'
import {existsSync} from 'node:fs'
import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import {join} from 'node:path'
import {type Chromium, type Page, startChromium} from '../../support/chromium.js'
import {linkBackendPlugin} from '../../support/link-plugin.js'
import {Sandbox} from '../../support/sandbox.js'
import {Served} from '../../support/served.js'
import {waitFor} from '../../support/wait-for.js'
import {ATTEMPTS, KNOWN} from './attempts.js'

/** Writes down that it has run. */
const AGENT = `#!/usr/bin/env node
import {writeFileSync} from 'node:fs'
writeFileSync(process.env.HOME + '/ran', '')
console.log('secret of the agent')`
const BACKEND = `export default {
  plan: ({prompt}) => ({kind: 'invocation', args: [], stdin: prompt}),
  reader: () => ({
    line: (line) => [{type: 'text', text: line}],
    end: () => ({outcome: 'success'}),
  }),
}`

/** What a browser lets pages send to the server; what the server's own tests cannot know is what a browser sends. */
describe('a page in Chromium', () => {
  const user = new Sandbox({CLINVK_BACKEND: 'witness'})
  const site = createServer((_, response) => response.setHeader('content-type', 'text/html').end('<p>'))
  let chromium: Chromium
  let page: Page
  let sitePort: number
  before(async () => {
    linkBackendPlugin(user, 'witness', BACKEND, {agent: AGENT})
    site.listen(0, '127.0.0.1')
    await once(site, 'listening')
    sitePort = (site.address() as AddressInfo).port
    chromium = await startChromium(user)
  })
  after(async () => {
    await chromium.close()
    site.close()
    user.remove()
  })
  beforeEach(async () => (page = await chromium.newPage()))
  afterEach(() => page.close())

  let served: Served
  let log: string
  let port: string
  /** For each suite of its own: a server that was started so. */
  const serve = (...words: (() => string)[]) => {
    before(async () => {
      served = await Served.start(
        user,
        words.map((word) => word()),
      )
      log = ''
      served.running.child.stderr!.on('data', (text: string) => (log += text))
      ;({port} = new URL(served.url))
    })
    after(() => served.stop())
  }

  /** What the server has answered since, in order: `POST 403`; not the icon that Chromium asks for by itself. */
  const answered = () =>
    [...log.matchAll(/^\S+ ([A-Z]+) \S+ (\d{3})/gm)]
      .map(([, ...one]) => one.join(' '))
      .filter((one) => one !== 'GET 404')
  /** What the script of a page gets from the server, which it knows as `url`; it has even found the token, where there is one. */
  const run = async (script: string, url: string) => {
    log = ''
    const known = `const url = ${JSON.stringify(url)}, token = ${JSON.stringify(served.token)}`
    return page.evaluate(`(async () => { ${known}; ${KNOWN}; ${script} })().catch(() => '')`)
  }

  // Where there is no token, nothing else protects the server from them.
  describe('of another site', () => {
    serve(() => '--no-token')
    const places: [string, () => [page: string, server: string]][] = [
      ['on another name', () => [`http://evil.example:${sitePort}/`, `http://127.0.0.1:${port}`]],
      [
        'on another port of this machine',
        () => [`http://localhost:${sitePort}/`, `http://localhost:${port}`],
      ],
      ['in a file', () => [`file://${user.write('page.html', '<p>')}`, `http://127.0.0.1:${port}`]],
    ]
    for (const [place, addresses] of places) {
      for (const [what, script, expected] of ATTEMPTS) {
        it(`${place} reads nothing and starts no agent by ${what}`, async () => {
          const [own, url] = addresses()
          await page.goto(own)
          assert.equal(await run(script, url), '')
          await waitFor('an answer', () => answered().length > 0)
          assert.deepEqual(answered(), [expected])
          assert.ok(!existsSync(join(user.home, 'ran')))
        })
      }
    }

    it('that gives its own name our address gets 421', async () => {
      const url = `http://attacker.example:${port}`
      assert.equal((await page.goto(url))!.status(), 421)
      // For the browser this is one origin, so the page reads all that is answered.
      for (const path of ['/health', '/api/v1/sessions', '/openapi.json']) {
        const text = await run(`return read(url + '${path}', {headers: bearer})`, url)
        assert.match(String(text), /does not answer to that name/)
      }
      await run(`return read(url + '/api/v1/prompt', {method: 'POST', headers: json, body: prompt})`, url)
      await waitFor('an answer', () => answered().includes('POST 421'))
      assert.ok(!existsSync(join(user.home, 'ran')))
    })
  })

  describe('that was allowed', () => {
    serve(
      () => '--allowed-origin',
      () => `http://chat.example:${sitePort}`,
    )
    const url = () => `http://127.0.0.1:${port}`

    it('asks with the token and reads the answer, its session and the events of a stream', async () => {
      await page.goto(`http://chat.example:${sitePort}/`)
      const asked = await run(
        `const answer = await post('/api/v1/prompt', {prompt: 'hi'})
        return [answer.status, (await answer.json()).content, answer.headers.get('x-clinvk-session').length]`,
        url(),
      )
      assert.deepEqual(asked, [200, 'secret of the agent', 32])
      const streamed = await run(
        `const {body} = await post('/api/v1/prompt', {prompt: 'hi', stream: true})
        let text = ''
        for await (const chunk of body.pipeThrough(new TextDecoderStream())) text += chunk
        return text`,
        url(),
      )
      assert.match(String(streamed), /^data: .*"type":"text"[^]*\ndata: .*"type":"done".*\n\n$/)
      assert.ok(existsSync(join(user.home, 'ran')))
    })

    it('reads why it is refused', async () => {
      await page.goto(`http://chat.example:${sitePort}/`)
      const wrong = await run(
        `const answer = await fetch(url + '/api/v1/sessions', {headers: {'x-api-key': 'wrong'}})
        return [answer.status, (await answer.json()).error.code]`,
        url(),
      )
      assert.deepEqual(wrong, [401, 'token'])
    })

    it("sends what the vendors' clients send", async () => {
      await page.goto(`http://chat.example:${sitePort}/`)
      const headers = `{...bearer, 'x-stainless-lang': 'js', 'anthropic-dangerous-direct-browser-access': 'true'}`
      const models = await run(
        `return (await fetch(url + '/v1/models', {headers: ${headers}})).status`,
        url(),
      )
      assert.equal(models, 200)
    })

    it('opens the server to no other one', async () => {
      await page.goto(`http://evil.example:${sitePort}/`)
      assert.equal(await run(`return read(url + '/api/v1/sessions', {headers: bearer})`, url()), '')
      await waitFor('an answer', () => answered().length > 0)
      assert.deepEqual(answered(), ['OPTIONS 403'])
    })
  })
})
