import {Config, type Interfaces} from '@oclif/core'
import {messageOf} from 'clinvk-kit/message-of'
import type {PluginProblem} from './plugin-problem.js'
import {readPluginList} from './read-plugin-list.js'

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
  const alone = await Config.load({root, userPlugins: false})
  if (env.CLINVK_NO_PLUGINS) return alone
  const {entries, problems} = await readPluginList(alone.dataDir)
  if (entries.length === 0 && problems.length === 0) return alone
  const {loadUserPlugins} = await import('./load-user-plugins.js')
  const user = await loadUserPlugins(entries, alone.dataDir, alone.name)
  const [own, ...core] = alone.getPluginsList()
  // Those of the user come first: of two backends with one name theirs is used, and of two packages, too.
  const plugins = new Map<string, Interfaces.Plugin>()
  for (const plugin of [own!, ...user.plugins, ...core])
    if (!plugins.has(plugin.name)) plugins.set(plugin.name, plugin)
  return withPlugins(root, plugins, [...problems, ...user.problems])
}

/** What is wrong with the user's plugins as packages; of their backends see `discoverBackends`. */
export function pluginProblems(config: Interfaces.Config): readonly PluginProblem[] {
  return (config as unknown as {options: Options}).options.pluginProblems ?? []
}

/** `run` makes another Config of this one, with the same options: so they carry what was found. */
async function withPlugins(
  root: string,
  plugins: Map<string, Interfaces.Plugin>,
  problems: readonly PluginProblem[],
): Promise<Config> {
  const load = (options: Options) => Config.load(options as Interfaces.LoadOptions)
  try {
    return await load({root, plugins, pluginProblems: problems})
  } catch (error) {
    const core = new Map([...plugins].filter(([, {type}]) => type === 'core'))
    const message = `None of your plugins is used, one of them does not fit: ${messageOf(error)}`
    return load({root, plugins: core, pluginProblems: [...problems, {message, hints: []}]})
  }
}
