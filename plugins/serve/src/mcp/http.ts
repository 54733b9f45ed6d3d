import {createMcpHandler} from '@modelcontextprotocol/server'
import {Hono} from 'hono'
import type {Client} from '../core/turn-runner.js'
import type {MakeDoor, ServeEnv} from '../http/door.js'
import {countIn} from './depth.js'
import {Jobs} from './jobs.js'
import {mcpServer} from './server.js'

/**
 * The same tools over HTTP. What an agent has asked for and comes back for is found again by any request: each is
 * answered by a server of its own.
 */
export const mcpDoor: MakeDoor = ({clinvk, config, runner, settings}) => {
  const jobs = new Jobs()
  const opened = Promise.resolve({clinvk, runner})
  const handler = createMcpHandler(
    ({authInfo}) => {
      const {client, depth} = authInfo!.extra as unknown as Caller
      const {gone, id, lane} = client
      const place = {jobs, client: {id, lane}, gone, depth: () => depth, open: () => opened}
      return mcpServer(place, config.version)
    },
    {maxRequestBodySize: settings.max_body},
  )
  const app = new Hono<ServeEnv>()
  app.all('/', (c) => {
    // An agent that runs in a turn can say so: its own environment does not reach us.
    const caller: Caller = {client: c.get('client'), depth: countIn(c.req.header('x-clinvk-depth'))}
    const authInfo = {token: '', clientId: caller.client.id, scopes: [], extra: {...caller}}
    return handler.fetch(c.req.raw, {authInfo})
  })
  return app
}

interface Caller {
  readonly client: Client
  readonly depth: number
}
