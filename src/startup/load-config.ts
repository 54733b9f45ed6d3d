import type {Interfaces} from '@oclif/core'
import type {IO} from 'clinvk-kit/io'
import {readPluginList} from '../plugins/plugin-list.js'
import {bundledPlugins} from './bundled-plugins.js'
import {ClinvkConfig, type PluginProblem} from './clinvk-config.js'

/**
 * oclif's Config with the user's plugins, none of which can keep clinvk from starting: oclif itself stops at a damaged
 * manifest, waits for ever for a module that hangs, and describes what does not load in the words of a developer.
 */
export async function loadConfig(root: string, io: IO): Promise<ClinvkConfig> {
  const bundled = bundledPlugins(root)
  const core = await ClinvkConfig.make({io, root, plugins: byName(bundled)})
  const list = io.env.CLINVK_NO_PLUGINS ? undefined : readPluginList(core.dataDir)
  if (list === undefined || (list.plugins.length === 0 && list.issue === undefined)) return core
  const {userPlugins} = await import('./user-plugins.js')
  const {plugins, problems} = await userPlugins(list, core)
  const [own, ...others] = bundled
  try {
    // Those of the user come first: of two backends with one name theirs is used, and of two packages, too.
    const all = byName([own!, ...plugins, ...others])
    return await ClinvkConfig.make({io, root, plugins: all, pluginProblems: problems})
  } catch (error) {
    const {messageOf} = await import('clinvk-kit/errors/failure')
    const message = `None of your plugins is used, one of them does not load: ${messageOf(error)}`
    const pluginProblems = [...problems, {message, hints: ['See: clinvk plugins']}]
    return ClinvkConfig.make({io, root, plugins: byName(bundled), pluginProblems})
  }
}

/** What is wrong with the user's plugins as packages; of their backends see `discoverBackends`. */
export function pluginProblems(config: Interfaces.Config): readonly PluginProblem[] {
  return (config as Partial<ClinvkConfig>).pluginProblems ?? []
}

/** The first of a name counts. */
function byName(plugins: readonly Interfaces.Plugin[]): Map<string, Interfaces.Plugin> {
  const named = new Map<string, Interfaces.Plugin>()
  for (const plugin of plugins) if (!named.has(plugin.name)) named.set(plugin.name, plugin)
  return named
}
