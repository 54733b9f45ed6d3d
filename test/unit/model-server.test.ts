import assert from 'node:assert/strict'
import {gzipSync} from 'node:zlib'
import {type ModelServer, startModelServer} from '../support/model-server/index.js'
import {type Said, ask, readStream, readText} from '../support/model-server/messages-client.js'

describe('the model server', () => {
  let server: ModelServer
  const say = (...said: Said[]) => ask(server.url, said)
  const stream = (prompt: string) => ask(server.url, [prompt], {stream: true})

  before(async () => (server = await startModelServer()))
  afterEach(() => server.reset())
  after(() => server.close())

  it('answers a prompt step by step, whoever asks', async () => {
    server.when('build', {tools: [{name: 'Bash', input: {command: 'make'}}]}, {text: 'built'})
    const first = (await (await say('build it')).json()) as {stop_reason: string; content: {name: string}[]}
    assert.deepEqual([first.stop_reason, first.content[0]?.name], ['tool_use', 'Bash'])
    const loop = ['build it', {assistant: 'calling'}, {toolResult: 'ok'}]
    assert.equal(await readText(await say(...loop)), 'built')
    assert.deepEqual(server.calls[1]?.turns.at(-1)?.toolResults, [{text: 'ok', isError: false}])
    assert.equal(await readText(await say(...loop, {assistant: 'built'}, {toolResult: 'ok'})), 'done')
  })

  it('lets later rules win, and `otherwise` answer the rest', async () => {
    server.when('a', {text: 'earlier'})
    server.when(/^a/g, {text: 'later'})
    server.otherwise({text: 'other'})
    const answers: unknown[] = []
    for (const prompt of ['abc', 'abc', 'cba', 'xyz']) answers.push(await readText(await say(prompt)))
    assert.deepEqual(answers, ['later', 'later', 'earlier', 'other'])
  })

  it('streams text in pieces that tear no character, and the usage at both ends', async () => {
    const usage = {input: 100, cacheRead: 50, cacheWrite: 7, output: 20}
    server.when('stream', {thinking: 'hm', text: 'a😀😀b', chunks: 3, usage})
    const {events, pieces} = await readStream(await stream('stream'))
    assert.deepEqual(pieces, ['a😀', '😀', 'b'])
    const sent = {input_tokens: 100, cache_read_input_tokens: 50, cache_creation_input_tokens: 7}
    assert.deepEqual(events[0]?.message?.usage, {...sent, output_tokens: 1})
    assert.deepEqual(events.at(-2)?.usage, {...sent, output_tokens: 20})
    assert.deepEqual(events.at(-1), {type: 'message_stop'})
  })

  it('sums up the usage of complete answers only', async () => {
    const usage = {input: 10, cacheRead: 1, cacheWrite: 2, output: 3}
    server.when('good', {usage})
    server.when('bad', {cut: true, usage})
    for (const prompt of ['good', 'bad', 'good']) await readStream(await stream(prompt))
    await readText(await say('good'))
    assert.deepEqual(server.usage(), {input: 30, cacheRead: 3, cacheWrite: 6, output: 9})
  })

  it('sends errors with their headers, as often as asked', async () => {
    server.when('limit', {status: 429, headers: {'retry-after': '3'}, failTimes: 2, then: {text: 'better'}})
    for (const status of [429, 429, 200]) {
      const answer = await say('limit')
      assert.equal(answer.status, status)
      assert.equal(answer.headers.get('retry-after'), status === 429 ? '3' : null)
    }
    server.otherwise({status: 401, message: 'who are you?'})
    const {error} = (await (await say('hello')).json()) as {error: unknown}
    assert.deepEqual(error, {type: 'authentication_error', message: 'who are you?'})
    assert.equal(server.calls.at(-1)?.status, 401)
  })

  it('breaks a stream after its first piece of text', async () => {
    server.when('cut', {text: 'abcd', cut: true})
    server.when('error', {text: 'abcd', sseError: {type: 'overloaded_error', message: 'busy'}})
    server.when('empty', {empty: true})
    const {pieces, isDestroyed} = await readStream(await stream('cut'))
    assert.deepEqual({pieces, isDestroyed}, {pieces: ['a'], isDestroyed: true})
    assert.equal((await readStream(await stream('error'))).events.at(-1)?.error?.type, 'overloaded_error')
    assert.deepEqual((await readStream(await stream('empty'))).events, [])
  })

  it('can fall silent, until the client gives up', async () => {
    server.when('hush', {hang: 'headers'})
    server.when('trail off', {hang: 'stream'})
    for (const prompt of ['hush', 'trail off']) {
      const giveUp = new AbortController()
      const asked = ask(server.url, [prompt], {stream: true, signal: giveUp.signal}).then((answer) =>
        answer.text(),
      )
      const call = await server.arrived(prompt)
      giveUp.abort()
      await assert.rejects(asked)
      assert.equal(call.sent, undefined)
    }
  })

  it('tells when a call arrives, or what came instead', async () => {
    const second = server.arrived('wanted', 2)
    await say('wanted 1')
    await say('wanted 2')
    assert.equal((await second).prompt, 'wanted 2')
    assert.equal((await server.arrived(/1$/)).prompt, 'wanted 1')
    await assert.rejects(server.arrived('missing', 1, 10), /missing.*"wanted 1", "wanted 2"/)
  })

  it('reads packed requests, and says 400 to what is no JSON', async () => {
    const body = gzipSync(JSON.stringify({model: 'a-model', messages: [{role: 'user', content: 'packed'}]}))
    const send = (headers: Record<string, string>) =>
      fetch(`${server.url}/v1/messages`, {method: 'POST', headers, body})
    assert.equal((await send({'content-encoding': 'gzip'})).status, 200)
    assert.equal((await send({})).status, 400)
    assert.deepEqual(
      server.calls.map((call) => call.prompt),
      ['packed'],
    )
  })
})
