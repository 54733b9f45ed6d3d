import {Console} from 'node:console'
import type {Interfaces} from '@oclif/core'
import {Failure} from 'clinvk-kit/errors/failure'
import type {IO} from 'clinvk-kit/io'
import {askClinvk} from '../../core/clinvk.js'
import {turnRunner} from '../../core/turn-runner.js'
import {serveSettings} from '../../core/settings.js'
import {depthOf} from '../../mcp/depth.js'
import {Jobs} from '../../mcp/jobs.js'
import {serveStreams} from '../../mcp/stdio.js'

/** No class of oclif's, which would have to be loaded: an agent starts this for each of its sessions. */
export default class Mcp {
  static summary = 'Offer clinvk to agents as tools (MCP), over standard input and output.'
  static description =
    'Agents start it themselves, once they have been told by clinvk mcp install. It ends when its standard input does.'

  static examples = ['<%= config.bin %> mcp', '<%= config.bin %> mcp install claude']

  /** oclif takes what has this for a command. */
  static run(argv: string[], config: Interfaces.Config): Promise<number> {
    return new Mcp(argv, config)._run()
  }

  constructor(
    private readonly argv: readonly string[],
    private readonly config: Interfaces.Config,
  ) {}

  /** Returns the exit code. */
  async _run(): Promise<number> {
    const {argv, config} = this
    if (argv.length > 0) throw new Failure('usage', `clinvk mcp takes nothing, not ${argv.join(' ')}.`)
    const {io} = config as Interfaces.Config & {readonly io: IO}
    const {stderr, stdin: input, stdout: output} = io
    const {hurry, stop} = io.interrupts()
    // What a plugin prints would be taken for a message of the protocol.
    globalThis.console = new Console(stderr)
    const note = (message: string) => void stderr.write(`clinvk mcp: ${message}\n`)
    let opened: ReturnType<typeof open> | undefined
    let depth: number | undefined
    const place = {
      jobs: new Jobs(),
      client: {id: 'mcp'},
      open: () => (opened ??= open(config, io, note)),
      depth: () => (depth ??= depthOf(io.env)),
    }
    // A second signal: agents are ended at once, and their sessions written all the same.
    hurry.addEventListener('abort', () => void opened?.then(({runner}) => runner.cancel(true)), {once: true})
    await serveStreams({input, output, note}, place, {version: config.version, stop})
    return 0
  }
}

async function open(config: Interfaces.Config, io: IO, note: (message: string) => void) {
  const clinvk = await askClinvk(config)
  const {settings} = await clinvk.kit.lookAround()
  return {clinvk, runner: turnRunner(clinvk, serveSettings(settings.server, note), io)}
}
