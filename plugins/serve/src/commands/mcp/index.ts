import {once} from 'node:events'
import type {Interfaces} from '@oclif/core'
import {serveStdio, StdioServerTransport} from '@modelcontextprotocol/server/stdio'
import {Failure} from 'clinvk-kit/errors/failure'
import type {IO} from 'clinvk-kit/io'
import {askClinvk} from '../../core/clinvk.js'
import {openDesk} from '../../core/desk.js'
import {depthOf} from '../../mcp/depth.js'
import {Jobs} from '../../mcp/jobs.js'
import {mcpServer} from '../../mcp/server.js'

/** No class of oclif's, which would have to be loaded: an agent starts this for each of its sessions. */
export default class Mcp {
  static summary = 'Offer clinvk to agents as tools (MCP), over standard input and output.'
  static description =
    'Agents start it themselves, once they have been told by clinvk mcp install. It ends when its standard input does.'

  static examples = ['<%= config.bin %> mcp', '<%= config.bin %> mcp install claude']

  /** Returns the exit code. */
  static async run(argv: readonly string[], config: Interfaces.Config): Promise<number> {
    if (argv.length > 0) throw new Failure('usage', `clinvk mcp takes nothing, not ${argv.join(' ')}.`)
    const {io} = config as Interfaces.Config & {readonly io: IO}
    const {stderr, stdin, stdout} = io
    const {hurry, stop} = io.interrupts()
    // What a plugin prints would be taken for a message of the protocol.
    console.log = console.info = console.debug = console.error
    const jobs = new Jobs()
    let opened: ReturnType<typeof open> | undefined
    let depth: number | undefined
    const place = {
      jobs,
      client: 'mcp',
      open: () => (opened ??= open(config)),
      depth: () => (depth ??= depthOf(io.env)),
    }
    const ended = Promise.race([
      once(stdin, 'end'),
      once(stdin, 'close'),
      once(stdout, 'error'),
      aborted(stop),
    ])
    const server = serveStdio(() => mcpServer(place, config.version), {
      transport: new StdioServerTransport(stdin, stdout),
      onerror: (error) => stderr.write(`clinvk mcp: ${error.message}\n`),
    })
    await ended.catch(() => undefined)
    await Promise.race([jobs.end(), aborted(hurry)])
    await server.close()
    return 0
  }
}

async function open(config: Interfaces.Config) {
  const clinvk = await askClinvk(config)
  return {clinvk, desk: openDesk(clinvk)}
}

async function aborted(signal: AbortSignal): Promise<unknown> {
  return signal.aborted || once(signal, 'abort')
}
