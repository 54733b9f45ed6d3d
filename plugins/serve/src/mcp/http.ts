import {Hono} from 'hono'
import type {MakeDoor, ServeEnv} from '../http/door.js'
import {countIn} from './depth.js'
import type {Caller, mcpHandler} from './handler.js'

/** The same tools over HTTP. The SDK, which takes 10 MB of memory, is loaded by the first request. */
export const mcpDoor: MakeDoor = (door) => {
  let handler: Promise<ReturnType<typeof mcpHandler>> | undefined
  const app = new Hono<ServeEnv>()
  app.all('/', async (c) => {
    handler ??= import('./handler.js').then((module) => module.mcpHandler(door))
    // An agent that runs in a turn can say so: its own environment does not reach us.
    const caller: Caller = {client: c.get('client'), depth: countIn(c.req.header('x-clinvk-depth'))}
    const authInfo = {token: '', clientId: caller.client.id, scopes: [], extra: {...caller}}
    return (await handler).fetch(c.req.raw, {authInfo})
  })
  return app
}
