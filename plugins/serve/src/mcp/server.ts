import {McpServer} from '@modelcontextprotocol/server'
import type {Place} from './place.js'
import {addResources} from './resources.js'
import {addTools, type ToolOptions} from './tools.js'

/** A server of one connection, or of one request over HTTP. */
export function mcpServer(place: Place, version: string, options?: ToolOptions): McpServer {
  const server = new McpServer(
    {name: 'clinvk', title: 'clinvk', version},
    {
      instructions:
        'Other coding agents on this machine: ask them, compare them, and search and read what was said to any of them.',
    },
  )
  addTools(server, place, options)
  addResources(server, place)
  return server
}
