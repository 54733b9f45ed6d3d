import {once} from 'node:events'
import type {Readable, Writable} from 'node:stream'
import {serveStdio, StdioServerTransport} from '@modelcontextprotocol/server/stdio'
import type {Place} from './place.js'
import {mcpServer} from './server.js'
import type {ToolOptions} from './tools.js'

interface Streams {
  readonly input: Readable
  readonly output: Writable
  /** For what a client does wrong that is no call, and cannot be answered. */
  readonly note: (message: string) => void
}

/** Serves one client until it closes its end, or `stop` aborts; then its jobs are stopped, and their sessions written. */
export async function serveStreams(
  {input, note, output}: Streams,
  place: Place,
  {stop, version, ...options}: ToolOptions & {readonly version: string; readonly stop: AbortSignal},
): Promise<void> {
  const ended = Promise.race([
    ...['end', 'close'].map((event) => once(input, event)),
    once(output, 'error'),
    stop.aborted || once(stop, 'abort'),
  ])
  const server = serveStdio(() => mcpServer(place, version, options), {
    transport: new StdioServerTransport(input, output),
    // What is wrong with a message is a page of JSON.
    onerror: (error) =>
      note('issues' in error ? 'left out a message that is none of JSON-RPC' : error.message),
  })
  await ended.catch(() => undefined)
  await place.jobs.end()
  await server.close()
}
