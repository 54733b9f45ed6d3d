import assert from 'node:assert/strict'
import {type ChildProcessByStdio, spawn} from 'node:child_process'
import {once} from 'node:events'
import {join} from 'node:path'
import type {Readable, Writable} from 'node:stream'
import {linkBackendPlugin, linkDirectory} from '../../support/link-plugin.js'
import {McpClient, type Revision} from '../../support/mcp-client.js'
import {each, ROOT, Sandbox} from '../../support/sandbox.js'
import {Served} from '../../support/served.js'
import {waitFor} from '../../support/wait-for.js'

describe('clinvk mcp', () => {
  const user = new Sandbox().forEachTest()
  let child: ChildProcessByStdio<Writable, Readable, Readable>
  beforeEach(() => linkDirectory(user, 'clinvk-plugin-serve', join(ROOT, 'plugins/serve')))
  afterEach(() => child.kill('SIGKILL'))

  function start() {
    child = spawn(process.execPath, [join(ROOT, 'bin/run.js'), 'mcp'], {
      cwd: user.project,
      env: user.env,
      stdio: 'pipe',
    })
    return child
  }

  for (const revision of ['2025-06-18', '2025-11-25', '2026-07-28'] satisfies Revision[]) {
    it(`talks to a client of ${revision}, prints nothing else, and ends when its input does`, async () => {
      const {stdin, stdout} = start()
      const client = new McpClient(stdin, stdout, revision)
      await client.open()
      const {data} = await client.call('ask', {prompt: 'hello', agent: 'echo'})
      assert.deepEqual([data.status, data.answer], ['success', 'You said: hello'])
      const {data: again} = await client.call('ask', {prompt: 'and?', session: data.session})
      assert.match(again.answer, /This is turn 2/)
      const [{data: list}, {data: found}, {data: log}] = await Promise.all([
        client.call('sessions', {agent: 'echo'}),
        client.call('search', {query: 'hello'}),
        client.call('read', {session: data.session, from: -1}),
      ])
      assert.deepEqual(
        [list.sessions[0]!.session, found.hits[0]!.session, log.messages[0]!.text],
        [data.session, data.session, again.answer],
      )
      const {resources} = (await client.request('resources/list')) as {
        resources: {uri: string; title: string}[]
      }
      assert.deepEqual(each(resources, 'uri'), [`clinvk://session/${data.session}`])
      assert.deepEqual(each(resources, 'title'), ['hello'])
      const {contents} = await client.request('resources/read', {uri: resources[0]!.uri})
      const [{text}] = contents as [{text: string}]
      assert.match(text, /^user:\nhello\n\nassistant:\nYou said: hello\n\nuser:\nand\?\n/)
      await assert.rejects(client.request('resources/read', {uri: 'clinvk://session/nobody'}), /nobody/)
      stdin.end()
      assert.deepEqual(await once(child, 'close'), [0, null])
      assert.deepEqual(client.noise, [])
    })
  }

  for (const [what, end] of [
    ['its input ends', () => child.stdin.end()],
    ['SIGINT comes', () => child.kill('SIGINT')],
  ] as const) {
    it(`stops what it was asked for when ${what}, and the session is kept`, async () => {
      user.write('.clinvk/config.yaml', SLOWLY)
      const {stdin, stdout} = start()
      const client = new McpClient(stdin, stdout)
      await client.open()
      const {data} = await client.call('ask', {prompt: 'hello you', agent: 'echo', wait_seconds: 0.01})
      assert.equal(data.status, 'running')
      const {data: known} = await client.call('sessions')
      end()
      assert.deepEqual(await once(child, 'close'), [0, null])
      const [session] = user.sessions()
      assert.ok(known.sessions.length <= 1)
      assert.deepEqual([session!.last_outcome, session!.running], ['cancelled', undefined])
    })
  }

  it('ends an agent that will not end at the second SIGINT, and the session is kept', async () => {
    const code = `export default {
      plan: ({prompt}) => ({kind: 'invocation', args: [], stdin: prompt}),
      reader: () => ({line: (text) => [{type: 'text', text}], end: () => ({outcome: 'success'})}),
    }`
    const agent = `
      for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => undefined)
      console.log('I will not end.')
      setInterval(() => undefined, 1000)`
    linkBackendPlugin(user, 'stubborn', code, {agent, descriptor: {capabilities: {sandbox: ['read-only']}}})
    const {stdin, stdout} = start()
    const client = new McpClient(stdin, stdout)
    await client.open()
    const call = client.call('ask', {prompt: 'hello', agent: 'stubborn', wait_seconds: 0.01})
    assert.equal((await call).data.status, 'running')
    const running = () => user.sessions()[0]?.running as {agent?: {pid: number}} | undefined
    const {pid} = await waitFor('the agent runs', () => running()?.agent)
    child.kill('SIGINT')
    child.kill('SIGINT')
    assert.deepEqual(await once(child, 'close'), [0, null])
    assert.throws(() => process.kill(pid, 0), {code: 'ESRCH'})
    assert.deepEqual(
      [user.sessions()[0]!.last_outcome, user.sessions()[0]!.running],
      ['cancelled', undefined],
    )
  })

  it('says the same of itself before the first call, which loads the SDK, and after it; and all once', async () => {
    const {stdin, stdout} = start()
    let printed = ''
    stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()))
    const client = new McpClient(stdin, stdout)
    const about = await client.open()
    const tools = await client.request('tools/list')
    await client.request('ping')
    assert.deepEqual(await client.request('tools/list'), tools)
    stdin.end()
    await once(child, 'close')
    const answered = printed.split('\n').filter(Boolean)
    assert.deepEqual(
      answered.map((line) => (JSON.parse(line) as {id: number}).id),
      [1, 2, 3, 4],
    )

    const other = start()
    const late = new McpClient(other.stdin, other.stdout)
    await late.request('ping')
    assert.deepEqual(await late.open(), about)
  })

  it('survives what is no message, and answers on', async () => {
    const {stderr, stdin, stdout} = start()
    const client = new McpClient(stdin, stdout)
    stdin.write('hello\n{"jsonrpc":"2.0"}\n[]\nnull\n')
    await client.open()
    await assert.rejects(client.request('tools/call', {name: 'rm'}), /rm/)
    const [note] = (await once(stderr, 'data')) as [Buffer]
    assert.match(note.toString(), /^clinvk mcp: skipped a message that is not JSON-RPC\n/)
    await assert.rejects(client.request('no/such'), /[Mm]ethod/)
    assert.deepEqual((await client.call('sessions')).data.sessions, [])
  })
})

describe('clinvk serve', () => {
  const user = new Sandbox().forEachTest()

  it('has the tools at /mcp, for who has the token; a turn is found again by another request', async () => {
    user.write('.clinvk/config.yaml', SLOWLY)
    const served = await Served.start(user)
    const post = async (message: object, token = served.token, signal?: AbortSignal) =>
      fetch(`${served.url}/mcp`, {
        method: 'POST',
        signal: signal ?? null,
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          'mcp-protocol-version': '2025-11-25',
        },
        body: JSON.stringify({jsonrpc: '2.0', id: 1, ...message}),
      })
    const call = async (name: string, input: object) => {
      const response = await post({method: 'tools/call', params: {name, arguments: input}})
      const body = (await response.text()).replace(/^[^{]*/, '')
      const {result} = JSON.parse(body) as {result: {content: {text: string}[]}}
      return JSON.parse(result.content[0]!.text) as {session: string; status: string}
    }
    assert.equal((await post({method: 'tools/list'}, 'wrong')).status, 401)
    const asked = await call('ask', {prompt: 'hello you', agent: 'echo', wait_seconds: 0.01})
    assert.equal(asked.status, 'running')
    assert.equal((await call('stop', {session: asked.session})).status, 'cancelled')

    const leave = new AbortController()
    const input = {prompt: 'are you there?', agent: 'echo'}
    const gone = post(
      {method: 'tools/call', params: {name: 'ask', arguments: input}},
      served.token,
      leave.signal,
    ).then((response) => response.text())
    while (!user.sessions().some(({running}) => running)) await call('sessions', {})
    leave.abort()
    await assert.rejects(gone)
    while (user.sessions().some(({running}) => running)) await call('sessions', {})
    assert.deepEqual(each(user.sessions(), 'last_outcome'), ['cancelled', 'cancelled'])
    await served.stop()
  })
})

/** A turn does not end by itself. */
const SLOWLY = 'backends: {echo: {delay: 60000}}\n'
