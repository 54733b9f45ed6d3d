import {execFile} from 'node:child_process'
import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {dirname, join, resolve} from 'node:path'
import {promisify} from 'node:util'
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {ClinvkCommand} from 'clinvk-kit/command'
import {Failure, messageOf} from 'clinvk-kit/errors/failure'
import {quoteCommand} from 'clinvk-kit/format/text'
import {programDirectories} from 'clinvk-kit/io'
import {type FileChange, MCP_CLIENTS, type McpCommand} from '../../mcp/clients.js'

export default class McpInstall extends ClinvkCommand {
  static override summary = 'Tell an agent of clinvk mcp, so that it can use it as tools.'
  static override description =
    "By the agent's own command, for all your projects. Its tools that change nothing (search, sessions, read) need no approval then; for the others the agent asks you."
  static override examples = ['clinvk mcp install claude', 'clinvk mcp install codex --dry-run']
  static override args = {
    agent: Args.string({
      description: 'The agent that is to use clinvk.',
      required: true,
      options: Object.keys(MCP_CLIENTS),
    }),
  }
  static override flags = {
    'dry-run': Flags.boolean({description: 'Print what would be run and written, and do nothing.'}),
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(McpInstall)
    const {agent} = args
    const client = MCP_CLIENTS[agent]!
    const {env} = this.io
    const words = client.add(this.server())
    const file = client.file?.(env)
    if (flags['dry-run']) {
      this.print(`Would run: ${quoteCommand(words)}\n`)
      if (file) this.print(`Would add to ${file.path}: ${file.adds}\n`)
      return
    }
    if (!this.isInPath(agent))
      throw new Failure('unavailable', `There is no ${agent} in PATH.`, [
        `How to get it: clinvk backends ${agent}`,
      ])
    await this.tell(words, client.replaces)
    if (file) this.write(file)
    this.print(`${agent} can use clinvk now: in its next session.\n`)
    this.print(`To take it back: ${client.remove(env).join('; ')}\n`)
  }

  /** `clinvk mcp`, by a path where clinvk is not in PATH; with the home that is used now, if that is not the usual one. */
  private server(): McpCommand {
    const {bin, root} = this.config
    const {CLINVK_HOME} = this.io.env
    return {
      words: this.isInPath(bin) ? [bin, 'mcp'] : [process.execPath, join(root, 'bin/run.js'), 'mcp'],
      env: CLINVK_HOME ? {CLINVK_HOME: resolve(this.io.cwd, CLINVK_HOME)} : {},
    }
  }

  private isInPath(program: string): boolean {
    return programDirectories(this.io.env).some((directory) => existsSync(join(directory, program)))
  }

  /** Some agents do not replace what they know already: `replaces` removes it. */
  private async tell(words: readonly string[], replaces: readonly string[] | undefined): Promise<void> {
    try {
      await this.runProgram(words)
    } catch (error) {
      if (replaces === undefined || !/already exists/.test(messageOf(error))) throw error
      await this.runProgram(replaces)
      await this.runProgram(words)
    }
  }

  private async runProgram([file = '', ...args]: readonly string[]): Promise<void> {
    const {cwd, env} = this.io
    const running = promisify(execFile)(file, args, {cwd, env: {...env}, timeout: TIMEOUT_MS})
    running.child.stdin?.end()
    try {
      await running
    } catch (error) {
      const {message, stderr = '', stdout = ''} = error as Error & {stderr?: string; stdout?: string}
      const said = stderr.trim() || stdout.trim() || message
      throw new Failure('unavailable', `${quoteCommand([file, ...args])} failed: ${said}`, [
        'Nothing else was changed.',
      ])
    }
  }

  private write({adds, change, path}: FileChange): void {
    try {
      const before = existsSync(path) ? readFileSync(path, 'utf8') : ''
      const after = change(before)
      if (after === before) return
      mkdirSync(dirname(path), {recursive: true})
      writeFileSync(path, after)
    } catch (error) {
      this.note(`${path} was left as it is (${messageOf(error)}). What could be added to it: ${adds}.`)
    }
  }
}

/** Agents start slowly on a busy machine. */
const TIMEOUT_MS = 60_000
