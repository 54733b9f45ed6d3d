import {isFailure, type Failure} from 'clinvk-kit/errors/failure'
import type {Allowed} from './allow.js'
import {checkBackends, checkPackage} from './check-plugin.js'
import type {PackageIdentity} from './identify-package.js'
import {installPlugins} from './install.js'
import {findPackage, readPackage} from './package-json.js'
import type {PluginContext} from './plugin-context.js'

/** A plugin that is now used in place. */
export interface Linked extends Allowed {
  /** The dependencies that are not installed. */
  readonly missing: readonly string[]
  /** Why its backends cannot be used now. While a plugin is being written, that is no error. */
  readonly problem?: Failure
}

/** Uses the plugin in an absolute directory in place. Installs nothing, and changes nothing there. */
export async function linkPlugin(root: string, context: PluginContext): Promise<Linked> {
  const [linked] = await installPlugins([{identity: await identifyLink(root)}], context)
  const {pjson} = linked!.plugin
  const dependencies = Object.keys(pjson.dependencies ?? {})
  const found = await Promise.all(dependencies.map(async (name) => findPackage(name, root)))
  const missing = dependencies.filter((_, index) => !found[index])
  try {
    await checkBackends(root, pjson)
    return {...linked!, missing}
  } catch (problem) {
    if (!isFailure(problem)) throw problem
    return {...linked!, missing, problem}
  }
}

export async function identifyLink(root: string): Promise<PackageIdentity> {
  const pjson = await readPackage(root)
  checkPackage(root, pjson)
  const {name, version} = pjson
  return {name, version, source: {kind: 'link', root}, pinned: root, maintainers: []}
}
