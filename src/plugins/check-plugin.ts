import {access, readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {Plugin} from '@oclif/core'
import {discoverBackends} from 'clinvk-kit/backends/discover'
import {Failure} from 'clinvk-kit/failure'
import {messageOf} from 'clinvk-kit/message-of'
import {installScripts, type PackageJson} from './candidate.js'

/**
 * Loads the plugin in a directory as oclif does. None of its code runs. Throws a
 * Failure when there is none.
 */
export async function loadPlugin(root: string, type: 'user' | 'link'): Promise<Plugin> {
  const {clinvk, name, oclif, version} = await readPackage(root)
  if (typeof name !== 'string' || typeof version !== 'string')
    throw new Failure('usage', `${root} is no plugin: its package.json lacks a name or a version.`)
  if (oclif === undefined && clinvk === undefined) {
    throw new Failure(
      'usage',
      `${name} ${version} is no plugin of clinvk: its package.json has no key oclif, and none clinvk.`,
    )
  }

  if (clinvk === undefined && /(^|\/)clinvk-backend-/.test(name)) {
    throw new Failure('usage', `${name} ${version} brings no backend: its package.json has no key clinvk.`, [
      'What stands there: docs/plugins/contract.md',
    ])
  }

  const plugin = new Plugin({root, type, name})
  try {
    await plugin.load()
  } catch (error) {
    throw new Failure('unavailable', `${name} ${version} does not load: ${messageOf(error)}`)
  }

  return plugin
}

/** Throws a Failure when a plugin cannot be used as it is: it is not built, or made for another clinvk. */
export async function checkUse(root: string): Promise<void> {
  const pjson = await readPackage(root)
  const {backends, problems} = discoverBackends([{name: pjson.name, root, pjson}])
  if (problems[0] !== undefined)
    throw new Failure('unavailable', problems[0], [
      `Another version may fit: clinvk plugins install ${pjson.name}@VERSION`,
    ])
  for (const {descriptor, name} of backends.values())
    if (descriptor.module !== undefined) await checkModule(root, name, descriptor.module, pjson)
}

export async function readPackage(root: string): Promise<PackageJson> {
  const file = join(root, 'package.json')
  try {
    const found: unknown = JSON.parse(await readFile(file, 'utf8'))
    if (typeof found === 'object' && found !== null) return found as PackageJson
    throw new Error('it holds no object')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      throw new Failure('usage', `${root} is no plugin: there is no package.json.`)
    throw new Failure('usage', `${root} is no plugin: its package.json cannot be read: ${messageOf(error)}`)
  }
}

async function checkModule(root: string, backend: string, module: string, pjson: PackageJson): Promise<void> {
  try {
    await access(join(root, module))
  } catch {
    const builds = installScripts(pjson, true).length > 0
    throw new Failure(
      'unavailable',
      `${pjson.name} ${pjson.version} is not whole: the module of its backend ${backend} is missing: ${module}`,
      builds
        ? ['It may be built by a script, and scripts were not run. If you trust them: --allow-scripts']
        : ['Was it built before it was packed?'],
    )
  }
}
