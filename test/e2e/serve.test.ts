import assert from 'node:assert/strict'
import {once} from 'node:events'
import {createServer} from 'node:http'
import {type AddressInfo, connect} from 'node:net'
import {join} from 'node:path'
import {processTable} from 'clinvk-kit/process/process-tree'
import {linkBackendPlugin, linkDirectory} from '../support/link-plugin.js'
import {ends, ROOT, Sandbox} from '../support/sandbox.js'
import {Served} from '../support/served.js'

/** An agent that says that it runs, and then works until it is ended. */
const BACKEND = `export default {
  plan: ({prompt}) => ({kind: 'invocation', args: [], stdin: prompt}),
  reader: () => ({
    line: (line) => [{type: 'text', text: line}],
    end: ({code}) => (code === 0 ? {outcome: 'success'} : {outcome: 'failed', message: 'It was ended.'}),
  }),
  stopSignal: () => 'SIGTERM',
}`
const AGENT = `#!/usr/bin/env node
console.log('runs, token ' + process.env.CLINVK_SERVE_TOKEN)
process.on('SIGTERM', () => process.exit(3))
setInterval(() => {}, 1000)`

describe('clinvk serve', function () {
  this.timeout(120_000)
  const user = new Sandbox({CLINVK_BACKEND: 'echo'}).forEachTest()
  let served: Served
  const start = async (words: readonly string[] = [], section: object = {}, env = {}) => {
    linkBackendPlugin(user, 'busy', BACKEND, {agent: AGENT, descriptor: {capabilities: {resume: true}}})
    user.write('.clinvk/config.yaml', JSON.stringify({server: section}))
    served = await Served.start(user, words, env)
    return served
  }
  const post = (body: object, signal?: AbortSignal) =>
    fetch(`${served.url}/api/v1/prompt`, {
      method: 'POST',
      signal,
      headers: {authorization: `Bearer ${served.token}`, 'content-type': 'application/json'},
      body: JSON.stringify(body),
    })
  const agents = () =>
    processTable(`HOME=${user.home}`).filter(({marked, pid}) => marked && pid !== served.running.child.pid)
  const until = async (check: () => boolean | Promise<boolean>) => {
    while (!(await check())) await new Promise((resolve) => setTimeout(resolve, 20))
  }

  it('says where it listens and where the token is, answers, and ends with 0', async () => {
    const {running, token} = await start()
    const answer = (await (await post({prompt: 'hi', metadata: {pr: '12'}})).json()) as {
      content: string
      session_id: string
    }
    assert.equal(answer.content, 'You said: hi')
    await post({prompt: 'again', session: answer.session_id, metadata: {by: 'ada'}})
    const {id, metadata, turn_count: turns} = user.sessions()[0]!
    assert.deepEqual([id, turns, metadata], [answer.session_id, 2, {pr: '12', by: 'ada'}])
    const dry = await (await post({prompt: 'hi', dry_run: true, stream: true})).text()
    assert.match(dry, /^data: \{"version":1,.*"dry_run":\{.*"type":"done","time":"[^"]*"\}\n\n$/)
    await ends(user.clinvk(['serve', '--print-token']), {stdout: `${token}\n`})
    running.child.kill('SIGTERM')
    const {stderr, stdout} = await ends(running.finished, {code: 0})
    assert.ok(!stdout.includes(token) && !stderr.includes(token))
    assert.match(stderr, /POST \/api\/v1\/prompt 200 \d+ms session=[0-9a-f]{8} bytes=\d+\n/)
  })

  it('ends the agent of a client that leaves, which never gets the token, and keeps the session', async () => {
    await start([], {}, {CLINVK_SERVE_TOKEN: 'a-token-that-no-agent-gets'})
    const left = new AbortController()
    const answer = await post({prompt: 'hi', backend: 'busy', stream: true}, left.signal)
    const reader = answer.body!.getReader()
    let text = ''
    while (!text.includes('runs')) {
      const {done, value} = await reader.read()
      assert.ok(!done, text)
      text += new TextDecoder().decode(value)
    }
    assert.match(text, /token undefined/)
    left.abort()
    await reader.closed.catch(() => undefined)
    await until(() => agents().length === 0)
    await until(() => user.sessions().some(({status}) => status === 'paused'))
  })

  it('ends 100 streams and their agents in order at SIGTERM, and gives the port back', async () => {
    const {running, url} = await start(['--grace', '1s'], {max_turns: 4, max_waiting: 100})
    const answers = Array.from({length: 100}, () =>
      post({prompt: 'hi', backend: 'busy', stream: true}).then(
        async (response) => response.text(),
        () => '',
      ),
    )
    await until(() => agents().length >= 4)
    running.child.kill('SIGTERM')
    await until(() =>
      fetch(`${url}/health`).then(
        ({status}) => status !== 200,
        () => true,
      ),
    )
    assert.equal((await running.finished).code, 0)
    assert.equal(agents().length, 0)
    const texts = await Promise.all(answers)
    assert.ok(texts.filter((text) => /"outcome":"cancelled"|shutdown|cancelled/.test(text)).length >= 4)
    const other = createServer().listen(Number(new URL(url).port), '127.0.0.1')
    await once(other, 'listening')
    other.close()
  })

  it('a second signal ends it at once, whatever --grace says', async () => {
    const {running, url} = await start(['--grace', '1h'])
    const answer = post({prompt: 'hi', backend: 'busy'}).catch(() => undefined)
    await until(() => agents().length > 0)
    running.child.kill('SIGTERM')
    await until(() =>
      fetch(`${url}/health`).then(
        ({status}) => status !== 200,
        () => true,
      ),
    )
    running.child.kill('SIGTERM')
    assert.equal((await running.finished).code, 0)
    await answer
    assert.equal(agents().length, 0)
  })

  it('answers who has closed their half of the connection, and drops who sends no headers', async () => {
    const {url} = await start()
    const {port} = new URL(url)
    const half = connect(Number(port), '127.0.0.1')
    half.end(`GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)
    let text = ''
    for await (const chunk of half) text += String(chunk)
    assert.match(text, /200 OK[^]*"ok"/)
    const slow = connect(Number(port), '127.0.0.1')
    slow.write('GET /health HTTP/1.1\r\nHost: loc')
    slow.resume()
    await once(slow, 'close')
  })

  it('does not start where it cannot listen, or others could use it without a token: exit code 5', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const {port} = other.address() as AddressInfo
    linkDirectory(user, 'clinvk-plugin-serve', join(ROOT, 'plugins/serve'))
    const taken = await user.clinvk(['serve', '--port', String(port)])
    other.close()
    assert.equal(taken.code, 5)
    assert.match(
      taken.stderr,
      /Error: Something else listens on 127\.0\.0\.1:\d+ already\.\n {2}Another port/,
    )
    // No machine has this address.
    const wide = ['serve', '--host', '192.0.2.1', '--port', '0']
    await ends(user.clinvk(wide), {
      code: 5,
      stderr:
        /others can reach 192\.0\.2\.1[^]*--trust-proxy[^]*Error: 192\.0\.2\.1 is not an address of this machine\./,
    })
    const behind = await user.clinvk([...wide, '--trust-proxy', '192.0.2.2'])
    assert.ok(!behind.stderr.includes('others can reach'))
    const open = await user.clinvk(['serve', '--no-token', '--host', '0.0.0.0', '--port', '0'])
    assert.equal(open.code, 5)
    assert.match(open.stderr, /Without a token the server listens only on this machine/)
  })
})
