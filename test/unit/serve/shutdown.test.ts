import assert from 'node:assert/strict'
import {once} from 'node:events'
import {Agent, createServer, get, type IncomingMessage, type ServerResponse} from 'node:http'
import type {AddressInfo} from 'node:net'
import type {TurnRunner} from '../../../plugins/serve/src/core/turn-runner.js'
import {untilShutDown} from '../../../plugins/serve/src/http/shutdown.js'

describe('a server that is told to end', () => {
  it('is not kept alive by a client that asks again and again over one connection', async () => {
    const waiting: ServerResponse[] = []
    const server = createServer((_, outgoing) => void waiting.push(outgoing)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const {port} = server.address() as AddressInfo
    const agent = new Agent({keepAlive: true, maxSockets: 1})
    const ask = () => once(get({port, host: '127.0.0.1', agent}), 'response') as Promise<[IncomingMessage]>

    const first = ask()
    await once(server, 'request')
    let finish = () => {}
    const empty = new Promise<void>((resolve) => (finish = resolve))
    const runner = {close() {}, cancel() {}, empty: () => empty} as Partial<TurnRunner> as TurnRunner
    const ended = untilShutDown(
      server,
      runner,
      {stop: AbortSignal.abort(), hurry: new AbortController().signal},
      1000,
    )
    waiting.shift()!.end()
    const [one] = await first
    one.resume()
    await once(one, 'end')

    const second = ask()
    await once(server, 'request')
    waiting.shift()!.end()
    const [two] = await second
    assert.equal(two.headers.connection, 'close')
    two.resume()
    finish()
    await ended
    agent.destroy()
  })
})
