import {homedir} from 'node:os'
import {join} from 'node:path'
import {Config} from '@oclif/core/config'
import type {Command, Interfaces} from '@oclif/core'
import type {PromptRunner} from 'clinvk-kit/command'
import type {PromptCall} from 'clinvk-kit/flags'
import type {IO} from 'clinvk-kit/io'
import type {OutputChoice} from '../output/format.js'

/** Why a plugin of the user, or a part of it, is not used. */
export interface PluginProblem {
  /** A sentence that names the plugin. */
  readonly message: string
  /** What to do, a sentence or command each. */
  readonly hints: readonly string[]
}

interface ConfigOptions extends Interfaces.Options {
  readonly io: IO
  readonly pluginProblems?: readonly PluginProblem[]
}

/**
 * oclif's Config for one call of `main`. It takes directories from the environment that `main` was given, where
 * `CLINVK_HOME` moves them all, and hands itself to commands: oclif would make each command a new plain Config.
 */
export class ClinvkConfig extends Config implements PromptRunner {
  readonly io: IO
  readonly pluginProblems: readonly PluginProblem[]
  /** How the command prints, once it has decided that: its errors are reported in the same way. */
  output: OutputChoice | undefined

  private constructor(options: ConfigOptions) {
    super({...options, ...(options.io.env.DEBUG ? {} : {logger: SILENT})})
    this.io = options.io
    this.pluginProblems = options.pluginProblems ?? []
  }
  static async make(options: ConfigOptions): Promise<ClinvkConfig> {
    const config = new ClinvkConfig(options)
    await config.load()
    config.home = config.#userHome()
    return config
  }

  override scopedEnvVar(name: string): string | undefined {
    // Else each start looks for a file with one, for the colors of help.
    if (name === 'DISABLE_THEME') return '1'
    const {env} = this.io
    const folder = FOLDERS[name]
    const own = env[this.scopedEnvVarKey(name)]
    return own || (folder !== undefined && env.CLINVK_HOME ? join(env.CLINVK_HOME, folder) : undefined)
  }

  override async runCommand<T>(
    id: string,
    argv: string[] = [],
    known: Command.Loadable | null = null,
  ): Promise<T> {
    const found = known ?? this.findCommand(id)
    // Which plugins may have a hook for.
    if (!found) return super.runCommand<T>(id, argv)
    const Command = await found.load()
    await this.runHook('prerun', {argv, Command})
    const command = new (Command as unknown as new (argv: string[], config: Config) => Partial<Runnable>)(
      argv,
      this,
    )
    // The command of a plugin need not extend oclif's.
    const result = (await (command._run?.() ?? Command.run(argv, this))) as T
    // What was removed cannot run its hook any more.
    if (id === 'plugins:uninstall') for (const name of argv) this.plugins.delete(name)
    await this.runHook('postrun', {argv, Command, result})
    return result
  }

  async runPrompt(call: PromptCall): Promise<number> {
    const {sendPrompt} = await import('../prompt/send-prompt.js')
    return sendPrompt(call, this)
  }

  protected override dir(category: 'cache' | 'config' | 'data'): string {
    const {env} = this.io
    const base =
      env[`XDG_${category.toUpperCase()}_HOME`] ||
      (this.windows && env.LOCALAPPDATA) ||
      join(this.#userHome(), category === 'data' ? '.local/share' : `.${category}`)
    return join(base, this.dirname)
  }

  protected override macosCacheDir(): string | undefined {
    return this.platform === 'darwin' ? join(this.#userHome(), 'Library/Caches', this.dirname) : undefined
  }

  #userHome(): string {
    return this.io.env.HOME || homedir()
  }
}

/** oclif's own logger loads the package debug, which is of use only where DEBUG names something. */
const nothing = () => undefined
const SILENT = {
  child: () => SILENT,
  debug: nothing,
  error: nothing,
  info: nothing,
  trace: nothing,
  warn: nothing,
  namespace: 'oclif',
} as Interfaces.Logger

interface Runnable {
  _run(): Promise<unknown>
}

/** Below `CLINVK_HOME`. */
const FOLDERS: Readonly<Record<string, string>> = {
  DATA_DIR: 'plugins',
  CONFIG_DIR: 'oclif',
  CACHE_DIR: 'cache',
}
