import type {Context} from 'hono'
import * as z from 'zod'
import type {Door, ServeEnv} from '../http/door.js'
import type {Described} from '../http/route.js'
import {countIn} from './depth.js'
import {Jobs} from './jobs.js'
import type {ToolContext} from './tool-context.js'

/** The same tools over HTTP. The SDK, which takes 10 MB of memory, is loaded by the first request. */
export function answerMcp({clinvk, runner, settings}: Door): (c: Context<ServeEnv>) => Promise<Response> {
  // What an agent has asked for and comes back for is found again by any request.
  const jobs = new Jobs()
  return async (c) => {
    const [{createMcpHandler}, {mcpServer}] = await Promise.all([
      import('@modelcontextprotocol/server'),
      import('./server.js'),
    ])
    const {gone, id, lane} = c.get('client')
    const context: ToolContext = {
      jobs,
      client: {id, lane},
      gone,
      // An agent that runs in a turn can say so: its own environment does not reach us.
      depth: countIn(c.req.header('x-clinvk-depth')),
      open: () => Promise.resolve({clinvk, runner}),
    }
    const options = {maxRequestBodySize: settings.max_body}
    // A server of its own for each request.
    return createMcpHandler(() => mcpServer(context, clinvk.kit.clinvk), options).fetch(c.req.raw)
  }
}

export const MCP: Described = {
  on: 'POST /mcp',
  summary: 'The tools of `clinvk mcp`, over HTTP: JSON-RPC as the Model Context Protocol has it.',
  body: z.looseObject({jsonrpc: z.literal('2.0'), method: z.string()}),
  streams: true,
  isOfVendor: true,
}
