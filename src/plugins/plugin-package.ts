import {join} from 'node:path'
import {declaredPlugins} from '../startup/declared-plugins.js'
import type {PackageIdentity} from './identify-package.js'
import {findPackage, readPackage, type PackageJson} from './package-json.js'

/** A package that was unpacked and may become a plugin. None of its code has run. */
export interface PluginPackage extends PackageIdentity {
  readonly pjson: PackageJson
  readonly provides: Provided
  /** The names of its install scripts. */
  readonly scripts: readonly string[]
  readonly repository?: string
}

/** What a plugin adds to clinvk, together with the plugins below its `oclif.plugins`. */
export interface Provided {
  readonly backends: readonly string[]
  readonly hooks: readonly string[]
  /** The packages below `oclif.plugins`. */
  readonly plugins: readonly string[]
}

/** Reads what was unpacked in a directory. What a registry said about it does not count. */
export async function readPluginPackage(root: string, identity: PackageIdentity): Promise<PluginPackage> {
  const pjson = await readPackage(root)
  const {kind} = identity.source
  return {
    ...identity,
    pjson,
    provides: await provided(root, pjson),
    // Linking runs none.
    scripts: kind === 'link' ? [] : installScripts(pjson, kind === 'git'),
    repository: repositoryOf(pjson),
  }
}

/** Names of packages that were read already are in `seen`: a package may declare itself. */
export async function provided(
  root: string,
  pjson: PackageJson,
  seen = new Set([pjson.name]),
): Promise<Provided> {
  const oclif = objectOf(pjson.oclif)
  const all = {
    backends: backendNames(pjson),
    hooks: Object.keys(objectOf(oclif.hooks)),
    plugins: [] as string[],
  }
  for (const name of declaredPlugins({...pjson, oclif})) {
    if (seen.has(name)) continue
    seen.add(name)
    const found = await findPackage(name, root)
    const below = found && (await provided(found.root, found.pjson, seen))
    all.plugins.push(name, ...(below?.plugins ?? []))
    all.backends.push(...(below?.backends ?? []))
    all.hooks.push(...(below?.hooks ?? []))
  }

  return all
}

/** The backends that a package.json declares. */
export function backendNames({clinvk}: {readonly clinvk?: unknown}): string[] {
  return Object.keys(objectOf(objectOf(clinvk).backends))
}

/** The scripts that npm would run while it installs a package. */
export function installScripts(pjson: PackageJson, isGit: boolean): string[] {
  const names = ['preinstall', 'install', 'postinstall', ...(isGit ? ['prepare'] : [])]
  return names.filter((name) => typeof pjson.scripts?.[name] === 'string')
}

/** Where a user's plugins are unpacked. */
export function packageRoot(dataDir: string, name: string): string {
  return join(dataDir, 'node_modules', name)
}

function repositoryOf({repository}: PackageJson): string | undefined {
  const url = typeof repository === 'string' ? repository : objectOf(repository).url
  return typeof url === 'string' ? url.replace(/^git\+/, '') : undefined
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
