import {Plugin} from '@oclif/core'
import {isFailure, type Failure} from 'clinvk-kit/failure'
import {checkBackends, checkPackage} from './check-plugin.js'
import {activate, allow, type Installed, register} from './install.js'
import {findPackage, readPackage} from './package-json.js'
import type {PluginContext} from './plugin-context.js'
import {readPluginPackage} from './plugin-package.js'
import {changePlugins} from './staging.js'

/** A plugin that is now used in place. */
export interface Linked extends Installed {
  /** The dependencies that are not installed. */
  readonly missing: readonly string[]
  /** Why its backends cannot be used now. While a plugin is written, that is no error. */
  readonly problem?: Failure
}

/** Uses the plugin in an absolute directory in place. Installs nothing, and changes nothing there. */
export async function linkPlugin(root: string, context: PluginContext): Promise<Linked> {
  const pjson = await readPackage(root)
  checkPackage(root, pjson)
  const {name, version} = pjson
  const identity = {name, version, source: {kind: 'link', root}, pinned: root, maintainers: []} as const
  const linked = await changePlugins(context.dataDir, async ({copyCurrent, directory}) => {
    const allowed = await allow({...(await readPluginPackage(root, identity)), scripts: []}, context)
    await copyCurrent()
    await register(identity, directory, false, context)
    return allowed
  })
  await activate(new Plugin({name, root, type: 'link'}), context)
  const dependencies = Object.keys(pjson.dependencies ?? {})
  const found = await Promise.all(dependencies.map(async (one) => findPackage(one, root)))
  const problem = await checkBackends(root, pjson).catch((error: unknown) => {
    if (isFailure(error)) return error
    throw error
  })
  return {...linked, missing: dependencies.filter((_, index) => !found[index]), problem: problem ?? undefined}
}
