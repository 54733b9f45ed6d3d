import {once} from 'node:events'
import {createServer, type Server} from 'node:http'
import type {AddressInfo} from 'node:net'
import {getRequestListener} from '@hono/node-server'
import type {Hono} from 'hono'
import {Failure} from 'clinvk-kit/errors/failure'
import {errorAnswer, ServerFailure} from '../core/errors.js'
import type {ServeSettings} from '../core/settings.js'
import type {ServeEnv} from './door.js'
import {isForUs} from './host.js'

/** Opens the port. `log` takes whole lines. Throws a Failure of kind `server` where that cannot be done. */
export async function listen(
  app: Hono<ServeEnv>,
  {allowed_hosts: allowedHosts, host, port}: Pick<ServeSettings, 'allowed_hosts' | 'host' | 'port'>,
  log: (text: string) => void,
): Promise<Server> {
  const names = allowedHosts.map((name) => name.toLowerCase())
  const answer = getRequestListener(app.fetch, {overrideGlobalObjects: false})
  let bind = host
  const server = createServer(LIMITS, (incoming, outgoing) => {
    if (isForUs(incoming, bind, names)) return void answer(incoming, outgoing)
    const failure = new ServerFailure('host', 'This server does not answer to that name.', [
      'Allow the name: clinvk serve --allowed-host NAME',
    ])
    const {body, status} = errorAnswer(failure, incoming.url ?? '')
    outgoing.writeHead(status, {'content-type': 'application/json', connection: 'close'})
    outgoing.end(JSON.stringify(body))
    log(`${new Date().toISOString()} ${incoming.method ?? '-'} - ${status}\n`)
  })
  server.listen({host, port})
  try {
    await once(server, 'listening')
  } catch (error) {
    throw cannotListen(error as NodeJS.ErrnoException, host, port)
  }

  bind = (server.address() as AddressInfo).address
  return server
}

function cannotListen({code, message}: NodeJS.ErrnoException, host: string, port: number): Failure {
  const place = `${host}:${port}`
  const nowhere = [
    `${host} is not an address of this machine.`,
    'Only for this machine: clinvk serve --host 127.0.0.1',
  ]
  const known: Readonly<Record<string, readonly string[]>> = {
    EADDRINUSE: [`Something else listens on ${place} already.`, 'Another port: clinvk serve --port 8081'],
    EACCES: [
      `You may not listen on ${place}.`,
      'Ports below 1024 are those of the administrator: clinvk serve --port 8080',
    ],
    EADDRNOTAVAIL: nowhere,
    ENOTFOUND: nowhere,
  }
  const other = [`The server cannot listen on ${place}: ${message}`, 'See: clinvk serve --help']
  const [what, ...hints] = known[code ?? ''] ?? other
  return new Failure('server', what!, hints)
}

/** A stream may be open for as long as a turn takes; a body has its own clock (`body.ts`). */
const LIMITS = {
  requestTimeout: 0,
  headersTimeout: 10_000,
  keepAliveTimeout: 5000,
  connectionsCheckingInterval: 2000,
  maxHeaderSize: 16 * 1024,
}
