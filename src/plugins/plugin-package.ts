import {access} from 'node:fs/promises'
import {join} from 'node:path'
import {discoverBackends} from 'clinvk-kit/backends/discover'
import {Failure} from 'clinvk-kit/errors/failure'
import type {PackageIdentity} from './package-identity.js'
import {backendNames, declaredPlugins, objectOf, readPackage} from './package-json.js'
import type {PackageJson} from './package-json.js'

/** A package that was unpacked and may become a plugin. None of its code has run. */
export interface PluginPackage extends PackageIdentity {
  readonly pjson: PackageJson
  readonly provides: Provided
  readonly scripts: readonly string[]
  readonly repository?: string
}

/** What a plugin adds to clinvk, together with the plugins below its `oclif.plugins`. */
export interface Provided {
  readonly backends: readonly string[]
  readonly hooks: readonly string[]
  readonly plugins: readonly string[]
}

/** Reads what was unpacked in a directory. Throws a Failure when it is not a plugin. */
export async function readPluginPackage(root: string, identity: PackageIdentity): Promise<PluginPackage> {
  const pjson = await readPackage(root)
  checkPackage(root, pjson)
  const {kind} = identity.source
  const url = typeof pjson.repository === 'string' ? pjson.repository : objectOf(pjson.repository).url
  return {
    ...identity,
    pjson,
    provides: await provided(root, pjson),
    // Linking runs none.
    scripts: kind === 'link' ? [] : installScripts(pjson, kind === 'git'),
    repository: typeof url === 'string' ? url.replace(/^git\+/, '') : undefined,
  }
}

export async function provided(root: string, pjson: PackageJson): Promise<Provided> {
  const below = await declaredPlugins({root, pjson})
  const all = [pjson, ...below.flatMap(({found}) => found?.pjson ?? [])]
  return {
    backends: all.flatMap((one) => backendNames(one)),
    hooks: all.flatMap(({oclif}) => Object.keys(objectOf(objectOf(oclif).hooks))),
    // A dependency may be an alias of another package, whose own name counts.
    plugins: below.map(({found, name}) => found?.pjson.name ?? name),
  }
}

/** Throws a Failure when a backend is not built, or made for another version of clinvk. None of its code runs. */
export async function checkBackends(root: string, pjson: PackageJson): Promise<void> {
  const {backends, problems} = await discoverBackends([{name: pjson.name, root, pjson}])
  if (problems[0] !== undefined)
    throw new Failure('unavailable', problems[0], [
      `Another version may fit: clinvk plugins install ${pjson.name}@VERSION`,
    ])
  for (const {descriptor, name} of backends.values()) {
    if (descriptor.module === undefined) continue
    await access(join(root, descriptor.module)).catch(() => {
      const message = `${pjson.name} ${pjson.version} is incomplete: the module of its backend ${name} is missing: ${descriptor.module!}`
      const hasScripts = installScripts(pjson, true).length > 0
      throw new Failure('unavailable', message, [
        hasScripts
          ? 'A script may build it, and scripts did not run. If you trust them: --allow-scripts'
          : 'Was it built before it was packed?',
      ])
    })
  }
}

function checkPackage(root: string, {clinvk, name, oclif, version}: PackageJson): void {
  if (typeof name !== 'string' || typeof version !== 'string')
    throw new Failure('usage', `${root} is not a plugin: its package.json lacks a name or a version.`)
  if (oclif === undefined && clinvk === undefined) {
    const message = `${name} ${version} is not a plugin for clinvk: its package.json has neither the key oclif nor clinvk.`
    throw new Failure('usage', message)
  }
  if (clinvk === undefined && /(^|\/)clinvk-backend-/.test(name)) {
    const message = `${name} ${version} has no backend: its package.json has no key clinvk.`
    throw new Failure('usage', message, ['What the key contains: docs/plugins/contract.md'])
  }
}

function installScripts({scripts}: PackageJson, isGit: boolean): string[] {
  const names = ['preinstall', 'install', 'postinstall', ...(isGit ? ['prepare'] : [])]
  return names.filter((name) => typeof scripts?.[name] === 'string')
}
