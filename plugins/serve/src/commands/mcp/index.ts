import {Console} from 'node:console'
import {readFileSync} from 'node:fs'
import type {Interfaces} from '@oclif/core'
import type {IO} from 'clinvk-kit/io'
import {type OpeningAnswers, serveStreams} from '../../mcp/stdio.js'

/**
 * No class of oclif's, and nothing else that would have to be loaded before a client calls: an agent starts this for each
 * of its sessions.
 */
// eslint-disable-next-line @typescript-eslint/no-extraneous-class -- oclif makes one of it
export default class Mcp {
  static summary = 'Offer clinvk to agents as tools (MCP), over standard input and output.'
  static description =
    'Agents start it themselves, once they have been told by clinvk mcp install. It ends when its standard input does.'

  static examples = ['<%= config.bin %> mcp', '<%= config.bin %> mcp install claude']

  /** Returns the exit code. oclif takes what has this for a command. */
  static async run(argv: readonly string[], config: Interfaces.Config): Promise<number> {
    if (argv.length > 0) {
      const {Failure} = await import('clinvk-kit/errors/failure')
      throw new Failure('usage', `clinvk mcp takes no arguments: ${argv.join(' ')}`, [
        'Agents are told of it by: clinvk mcp install AGENT',
      ])
    }
    const {io} = config as Interfaces.Config & {readonly io: IO}
    const {stderr, stdin: input, stdout: output} = io
    const {stop} = io.interrupts()
    // What a plugin prints would be taken for a message of the protocol.
    globalThis.console = new Console(stderr)
    const note = (message: string) => void stderr.write(`clinvk mcp: ${message}\n`)
    const context = async () => {
      const {stdioContext} = await import('../../mcp/tool-context.js')
      return stdioContext(config, io, note)
    }
    const {version} = config
    await serveStreams({input, output, note, version, stop, opening: openingAnswers()}, context)
    return 0
  }
}

/** From a file that the build has left; without it the SDK answers, later. */
function openingAnswers(): OpeningAnswers | undefined {
  try {
    return JSON.parse(readFileSync(new URL('../../opening.json', import.meta.url), 'utf8')) as OpeningAnswers
  } catch {
    return undefined
  }
}
