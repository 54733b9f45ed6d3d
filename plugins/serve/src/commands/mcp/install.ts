import {execFile} from 'node:child_process'
import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {dirname, join, resolve} from 'node:path'
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {ClinvkCommand} from 'clinvk-kit/command'
import {Failure, messageOf} from 'clinvk-kit/errors/failure'
import {quoteCommand} from 'clinvk-kit/format/text'
import {programDirectories} from 'clinvk-kit/io'
import {MCP_CLIENTS, type McpCommand, type Step} from '../../mcp/clients.js'

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
    const steps = client.steps(this.server(), env)
    if (flags['dry-run']) {
      for (const step of steps) this.print(`${described(step)}\n`)
      return
    }
    if (this.program(agent) === undefined)
      throw new Failure('unavailable', `There is no ${agent} in PATH.`, [
        `How to get it: clinvk backends ${agent}`,
      ])
    for (const step of steps)
      if (step.kind === 'command') await this.tell(step.words, client.replaces)
      else this.write(step)
    this.print(`${agent} can use clinvk now: in its next session.\n`)
    this.print(`To take it back: ${client.remove(env).join('; ')}\n`)
  }

  /** `clinvk mcp`, by a path where clinvk is not in PATH; with the home that is used now, if that is not the usual one. */
  private server(): McpCommand {
    const {bin, root} = this.config
    const {CLINVK_HOME} = this.io.env
    const isInPath = this.program(bin) !== undefined
    return {
      words: isInPath ? [bin, 'mcp'] : [process.execPath, join(root, 'bin/run.js'), 'mcp'],
      env: CLINVK_HOME ? {CLINVK_HOME: resolve(this.io.cwd, CLINVK_HOME)} : {},
    }
  }

  private program(name: string): string | undefined {
    return programDirectories(this.io.env)
      .map((directory) => join(directory, name))
      .find((path) => existsSync(path))
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
    const options = {cwd, env: {...env}, timeout: TIMEOUT_MS}
    await new Promise<void>((done, fail) => {
      const child = execFile(file, args, options, (error, stdout, stderr) => {
        if (!error) return done()
        const said = [stderr, stdout].map((text) => text.trim()).find((text) => text !== '')
        fail(
          new Failure('unavailable', `${quoteCommand([file, ...args])} failed: ${said ?? error.message}`, [
            'Nothing else was changed.',
          ]),
        )
      })
      child.stdin?.end()
    })
  }

  private write({adds, change, path}: Extract<Step, {kind: 'file'}>): void {
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

function described(step: Step): string {
  return step.kind === 'command'
    ? `Would run: ${quoteCommand(step.words)}`
    : `Would add to ${step.path}: ${step.adds}`
}

/** Agents start slowly on a busy machine. */
const TIMEOUT_MS = 60_000
