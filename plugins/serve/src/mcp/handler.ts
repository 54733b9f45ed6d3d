import {createMcpHandler, type McpHttpHandler} from '@modelcontextprotocol/server'
import type {Client} from '../core/turn-runner.js'
import type {Door} from '../http/door.js'
import {Jobs} from './jobs.js'
import {mcpServer} from './server.js'

/** Who calls, as `authInfo.extra` of a request. */
export interface Caller {
  readonly client: Client
  readonly depth: number
}

/**
 * Answers each request by a server of its own. What an agent has asked for and comes back for is found again by any
 * request.
 */
export function mcpHandler({clinvk, config, runner, settings}: Door): McpHttpHandler {
  const jobs = new Jobs()
  const opened = Promise.resolve({clinvk, runner})
  return createMcpHandler(
    ({authInfo}) => {
      const {client, depth} = authInfo!.extra as unknown as Caller
      const {gone, id, lane} = client
      const place = {jobs, client: {id, lane}, gone, depth, open: () => opened}
      return mcpServer(place, config.version)
    },
    {maxRequestBodySize: settings.max_body},
  )
}
