import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import type {Interfaces} from '@oclif/core'
import type {IO} from 'clinvk-kit/io'
import {restorePlugins} from '../plugins/restore-plugins.js'
import {bundledPlugins} from './bundled-plugins.js'
import {ClinvkConfig} from './clinvk-config.js'
import type {PluginProblem} from './plugin-problem.js'

/**
 * oclif's Config with the user's plugins, none of which can keep clinvk from
 * starting: oclif itself ends on a damaged manifest, waits for ever for a module
 * that hangs, and says what does not load in the words of a developer.
 */
export async function loadConfig(root: string, io: IO): Promise<ClinvkConfig> {
  const core = bundledPlugins(root)
  const alone = await ClinvkConfig.make({io, root, plugins: byName(core)})
  if (io.env.CLINVK_NO_PLUGINS) return alone
  const list = join(alone.dataDir, 'package.json')
  const text = textOf(list) ?? (restorePlugins(alone.dataDir) ? textOf(list) : undefined)
  if (text === undefined) return alone
  const {userPlugins} = await import('./user-plugins.js')
  const user = await userPlugins(list, text, alone.name)
  if (user.plugins.length === 0 && user.problems.length === 0) return alone
  const [own, ...others] = core
  // Those of the user come first: of two backends with one name theirs is used, and of two packages, too.
  return withPlugins(byName([own!, ...user.plugins, ...others]), alone, user.problems)
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
  return (config as Partial<ClinvkConfig>).pluginProblems ?? []
}

async function withPlugins(
  plugins: Map<string, Interfaces.Plugin>,
  {io, plugins: core, root}: ClinvkConfig,
  problems: readonly PluginProblem[],
): Promise<ClinvkConfig> {
  try {
    return await ClinvkConfig.make({io, root, plugins, pluginProblems: problems})
  } catch (error) {
    const {messageOf} = await import('clinvk-kit/errors/failure')
    const message = `None of your plugins is used, one of them does not fit: ${messageOf(error)}`
    return ClinvkConfig.make({io, root, plugins: core, pluginProblems: [...problems, {message, hints: []}]})
  }
}
