import assert from 'node:assert/strict'
import {once} from 'node:events'
import {connect} from 'node:net'
import {mock} from 'node:test'
import {FakeServer, TOKEN} from '../../support/fake-server.js'

describe('time limits of the server', () => {
  let server: FakeServer
  beforeEach(async () => {
    server = await FakeServer.start()
    // Time passes only where a test says so.
    mock.timers.enable({apis: ['setTimeout']})
  })
  afterEach(async () => {
    mock.timers.reset()
    await server.close()
  })

  const moment = () => new Promise((resolve) => setImmediate(resolve))
  /** A client that sends this and reads nothing. */
  const send = (path: string, body: string, length = body.length) => {
    const socket = connect(server.port, '127.0.0.1').on('error', () => undefined)
    const head = `POST ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${TOKEN}`
    socket.write(`${head}\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n${body}`)
    return socket
  }

  for (const [path, body] of [
    ['/api/v1/prompt', {prompt: 'hi'}],
    ['/openai/v1/chat/completions', {model: 'echo', messages: [{role: 'user', content: 'hi'}]}],
  ] as const) {
    it(`${path} ends the turn of a client that has read nothing for 60 seconds, and its place is free`, async () => {
      let told = 0
      let isStopped = false
      server.clinvk.answer = async (_, {output, stop}) => {
        stop.addEventListener('abort', () => (isStopped = true))
        for (; !stop.aborted; told++) {
          await output.event({type: 'text', text: 'x'.repeat(65_536)})
          await moment()
        }
        return {}
      }
      const socket = send(path, JSON.stringify({...body, stream: true}))
      // Until all that lies between the agent and the client is full.
      for (let before = 0, still = 0; told === 0 || still < 100; before = told) {
        await moment()
        still = told === before ? still + 1 : 0
      }
      mock.timers.tick(59_999)
      await moment()
      assert.ok(!isStopped)
      mock.timers.tick(1)
      const ended = server.runner.empty().then(() => 'ended')
      while ((await Promise.race([ended, moment()])) !== 'ended') mock.timers.tick(1000)
      assert.ok(isStopped)
      socket.destroy()
    })
  }

  it('a body has 30 seconds to arrive', async () => {
    const socket = send('/api/v1/prompt', '{"prompt":', 100)
    await once(server.server, 'request')
    await moment()
    mock.timers.tick(29_999)
    await moment()
    assert.equal(socket.bytesRead, 0)
    mock.timers.tick(1)
    let text = ''
    for await (const chunk of socket) text += String(chunk)
    assert.match(text, /^HTTP\/1\.1 408 [^]*within 30 seconds/)
  })
})
