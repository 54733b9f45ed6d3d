import {access} from 'node:fs/promises'
import {join} from 'node:path'
import {discoverBackends} from 'clinvk-kit/backends/discover'
import {Failure} from 'clinvk-kit/errors/failure'
import type {PackageJson} from './package-json.js'
import {installScripts} from './plugin-package.js'

/** Throws a Failure when a package is not a plugin. */
export function checkPackage(root: string, {clinvk, name, oclif, version}: PackageJson): void {
  if (typeof name !== 'string' || typeof version !== 'string')
    throw new Failure('usage', `${root} is not a plugin: its package.json lacks a name or a version.`)
  if (oclif === undefined && clinvk === undefined) {
    throw new Failure(
      'usage',
      `${name} ${version} is not a plugin for clinvk: its package.json has neither the key oclif nor clinvk.`,
    )
  }

  if (clinvk === undefined && /(^|\/)clinvk-backend-/.test(name)) {
    throw new Failure('usage', `${name} ${version} has no backend: its package.json has no key clinvk.`, [
      'What the key contains: docs/plugins/contract.md',
    ])
  }
}

/** Throws a Failure when a backend is not built, or made for another version of clinvk. None of its code runs. */
export async function checkBackends(root: string, pjson: PackageJson): Promise<void> {
  const {backends, problems} = await discoverBackends([{name: pjson.name, root, pjson}])
  if (problems[0] !== undefined)
    throw new Failure('unavailable', problems[0], [
      `Another version may fit: clinvk plugins install ${pjson.name}@VERSION`,
    ])
  for (const {descriptor, name} of backends.values())
    if (descriptor.module !== undefined) await checkModule(root, name, descriptor.module, pjson)
}

async function checkModule(root: string, backend: string, module: string, pjson: PackageJson): Promise<void> {
  try {
    await access(join(root, module))
  } catch {
    const hasScripts = installScripts(pjson, true).length > 0
    throw new Failure(
      'unavailable',
      `${pjson.name} ${pjson.version} is incomplete: the module of its backend ${backend} is missing: ${module}`,
      hasScripts
        ? ['A script may build it, and scripts did not run. If you trust them: --allow-scripts']
        : ['Was it built before it was packed?'],
    )
  }
}
