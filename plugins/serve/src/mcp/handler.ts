import {createMcpHandler} from '@modelcontextprotocol/server'
import type {Context} from 'hono'
import type {Door, ServeEnv} from '../http/door.js'
import {countIn} from './depth.js'
import type {Jobs} from './jobs.js'
import type {Place} from './place.js'
import {mcpServer} from './server.js'

/** Answers a request by a server of its own. */
export function answer(c: Context<ServeEnv>, door: Door, jobs: Jobs): Promise<Response> {
  const {clinvk, config, runner, settings} = door
  const {gone, id, lane} = c.get('client')
  const place: Place = {
    jobs,
    client: {id, lane},
    gone,
    // An agent that runs in a turn can say so: its own environment does not reach us.
    depth: countIn(c.req.header('x-clinvk-depth')),
    open: () => Promise.resolve({clinvk, runner}),
  }
  const options = {maxRequestBodySize: settings.max_body}
  return createMcpHandler(() => mcpServer(place, config.version), options).fetch(c.req.raw)
}
