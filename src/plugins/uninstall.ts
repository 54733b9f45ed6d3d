import {existsSync} from 'node:fs'
import {rm} from 'node:fs/promises'
import {join} from 'node:path'
import {isFailure} from 'clinvk-kit/failure'
import {changePlugins} from './change-plugins.js'
import {unlistPlugins, type OwnPlugin} from './plugins-file.js'
import {recordTrust} from './trust-record.js'
import {withProgress} from './with-progress.js'
import type {Workbench} from './workbench.js'

/** Removes plugins, also those that npm cannot remove because something of them is damaged. */
export async function uninstallPlugins(
  plugins: readonly OwnPlugin[],
  {config, dataDir, npm}: Workbench,
): Promise<void> {
  const names = plugins.map(({name}) => name)
  await withProgress(`Removing ${names.join(', ')}`, async () =>
    changePlugins(dataDir, async () => {
      // A linked plugin may have been installed before.
      const packages = names.filter((name) => existsSync(join(dataDir, 'node_modules', name)))
      if (packages.length > 0) {
        await npm.uninstall(packages, dataDir).catch((error: unknown) => {
          // Ctrl-C.
          if (isFailure(error)) throw error
        })
      }

      for (const name of packages)
        await rm(join(dataDir, 'node_modules', name), {recursive: true, force: true})
      await unlistPlugins(dataDir, names)
      await recordTrust(dataDir, Object.fromEntries(names.map((name) => [name, undefined])))
    }),
  )
  for (const name of names) config.plugins.delete(name)
  await config.runHook('plugins:postuninstall', {})
}
