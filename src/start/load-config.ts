import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {Config, type Interfaces} from '@oclif/core'
import {corePlugins} from './core-plugins.js'
import type {PluginProblem} from './plugin-problem.js'

interface Options extends Interfaces.Options {
  pluginProblems?: readonly PluginProblem[]
}

/**
 * oclif's Config with the user's plugins, none of which can keep clinvk from
 * starting: oclif itself ends on a damaged manifest, waits for ever for a module
 * that hangs, and says what does not load in the words of a developer.
 */
export async function loadConfig(
  root: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Config> {
  keepConfigs()
  const core = corePlugins(root)
  const alone = await Config.load({root, plugins: byName(core)})
  if (env.CLINVK_NO_PLUGINS) return alone
  const list = join(alone.dataDir, 'package.json')
  const text = textOf(list)
  if (text === undefined) return alone
  const {userPlugins} = await import('./user-plugins.js')
  const user = await userPlugins(list, text, alone.name)
  if (user.plugins.length === 0 && user.problems.length === 0) return alone
  const [own, ...others] = core
  // Those of the user come first: of two backends with one name theirs is used, and of two packages, too.
  return withPlugins(byName([own!, ...user.plugins, ...others]), alone, user.problems)
}

/** oclif makes a new Config of each that it is given, twice for a command. Of one that it has made itself there is no need. */
function keepConfigs(): void {
  const make = Config.load.bind(Config)
  Config.load = async (options) => (options instanceof Config ? options : make(options))
}

/** The first of a name counts. */
function byName(plugins: readonly Interfaces.Plugin[]): Map<string, Interfaces.Plugin> {
  const named = new Map<string, Interfaces.Plugin>()
  for (const plugin of plugins) if (!named.has(plugin.name)) named.set(plugin.name, plugin)
  return named
}

/** Of the list of plugins; why it cannot be read, or undefined when there is none. */
function textOf(list: string): string | Error | undefined {
  try {
    return readFileSync(list, 'utf8')
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : (error as Error)
  }
}

/** What is wrong with the user's plugins as packages; of their backends see `discoverBackends`. */
export function pluginProblems(config: Interfaces.Config): readonly PluginProblem[] {
  return (config as unknown as {options: Options}).options.pluginProblems ?? []
}

/** `run` makes another Config of this one, with the same options: so they carry what was found. */
async function withPlugins(
  plugins: Map<string, Interfaces.Plugin>,
  {plugins: core, root}: Config,
  problems: readonly PluginProblem[],
): Promise<Config> {
  const load = (options: Options) => Config.load(options)
  try {
    return await load({root, plugins, pluginProblems: problems})
  } catch (error) {
    const {messageOf} = await import('clinvk-kit/message-of')
    const message = `None of your plugins is used, one of them does not fit: ${messageOf(error)}`
    return load({root, plugins: core, pluginProblems: [...problems, {message, hints: []}]})
  }
}
