import type {Readable, Writable} from 'node:stream'
import {serveStdio, StdioServerTransport} from '@modelcontextprotocol/server/stdio'
import type {ToolContext} from './tool-context.js'
import {mcpServer} from './server.js'
import type {StdioOptions} from './stdio.js'

/** The server over two streams, by the SDK. `answered`: ids of requests that it hears and whose answers are not sent again. */
export function serveCalls(
  {input, note, output, version}: StdioOptions,
  answered: Set<unknown>,
  context: ToolContext,
): {close(): Promise<void>} {
  const server = serveStdio(() => mcpServer(context, version), {
    transport: new Transport(input, output, answered),
    // What is wrong with a message is a page of JSON.
    onerror: (error) => note('issues' in error ? 'skipped a message that is not JSON-RPC' : error.message),
  })
  // It was paused until somebody listens again.
  input.resume()
  return server
}

class Transport extends StdioServerTransport {
  constructor(
    input: Readable,
    output: Writable,
    private readonly answered: Set<unknown>,
  ) {
    super(input, output)
  }

  override async send(message: Parameters<StdioServerTransport['send']>[0]): Promise<void> {
    if ('id' in message && !('method' in message) && this.answered.delete(message.id)) return
    await super.send(message)
  }
}
