import type {Allowed} from './allow.js'
import {identify, installPlugins, type Wanted} from './install.js'
import {identifyLink} from './link.js'
import {recordedSpec} from './package-spec.js'
import type {PluginContext} from './plugin-context.js'
import type {OwnPlugin} from './plugin-list.js'
import {changePlugins} from './staging.js'
import {installedBefore} from './update.js'

/** Removes all plugins of the user, and all that npm has left in their directory. */
export async function removePlugins(dataDir: string): Promise<void> {
  await changePlugins(dataDir, async ({clear}) => clear())
}

/** Installs or links the same plugins again, with nothing of what there is. */
export async function reinstallPlugins(
  plugins: readonly OwnPlugin[],
  context: PluginContext,
): Promise<Allowed[]> {
  const wanted: Wanted[] = []
  for (const plugin of plugins) {
    const identity =
      plugin.type === 'link' ? await identifyLink(plugin.root) : await identify(recordedSpec(plugin), context)
    wanted.push({identity, before: await installedBefore(plugin, context.dataDir)})
  }

  return installPlugins(wanted, context, {fresh: true})
}
