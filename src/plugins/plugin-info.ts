import type {Interfaces} from '@oclif/core'
import type {Env} from 'clinvk-kit/io'
import {messageOf} from 'clinvk-kit/errors/failure'
import {findPackage, readPackage} from './package-json.js'
import type {OwnPlugin} from './plugin-list.js'
import {backendNames, packageRoot, provided} from './plugin-package.js'
import {trustRecords} from './trust-record.js'

/** A plugin as `clinvk plugins` lists it. */
export interface PluginInfo {
  readonly name: string
  readonly version?: string
  readonly type: 'core' | 'user' | 'link'
  readonly root: string
  readonly tag?: string
  readonly url?: string
  readonly backends: readonly string[]
  readonly commands: readonly string[]
  /** Why it is not used, as a sentence. */
  readonly problem?: string
}

/** A plugin as `clinvk plugins inspect` shows it: all that is known on this machine. */
export interface PluginDetails extends PluginInfo {
  readonly description?: string
  /** In words. */
  readonly from: string
  readonly publisher?: string
  readonly maintainers?: readonly string[]
  /** Set when its install scripts may run. */
  readonly scripts_allowed?: boolean
  readonly hooks: readonly string[]
  /** The installed version of each dependency; null when it is missing. */
  readonly dependencies: Readonly<Record<string, string | null>>
}

/** The user's plugins, then those that came with clinvk; each sorted by name. */
export async function listPluginInfo(
  own: readonly OwnPlugin[],
  config: Interfaces.Config,
  env: Env,
): Promise<PluginInfo[]> {
  const users = await Promise.all(own.map(async (plugin) => infoOf(plugin, config, env)))
  const core = [...config.plugins.values()]
    .filter(({name, type}) => type === 'core' && name !== config.name)
    .map((plugin): PluginInfo => {
      const {name, pjson, root, version} = plugin
      return {
        name,
        version,
        type: 'core',
        root,
        backends: backendNames(pjson as object),
        commands: commandsOf(plugin),
      }
    })
  return [...users.sort(byName), ...core.sort(byName)]
}

export async function pluginDetails(plugin: PluginInfo, dataDir: string): Promise<PluginDetails> {
  const {name, root, type} = plugin
  const pjson = await readPackage(root).catch(() => undefined)
  const record = type === 'core' ? undefined : (await trustRecords(dataDir))[name]
  const dependencies = Object.keys(pjson?.dependencies ?? {})
  const found = await Promise.all(dependencies.map(async (one) => findPackage(one, root)))
  return {
    ...plugin,
    description: typeof pjson?.description === 'string' ? pjson.description : undefined,
    from: record?.origin ?? whereFrom(plugin),
    publisher: record?.publisher,
    maintainers: record?.maintainers.length === 0 ? undefined : record?.maintainers,
    scripts_allowed: record?.scripts || undefined,
    hooks: pjson ? (await provided(root, pjson)).hooks : [],
    dependencies: Object.fromEntries(
      dependencies.map((one, index) => [one, found[index]?.pjson.version ?? null]),
    ),
  }
}

/** Where a plugin comes from, in a few words. */
export function whereFrom({root, tag, type, url}: PluginInfo): string {
  switch (type) {
    case 'core':
      return 'came with clinvk'
    case 'link':
      return `linked to ${root}`
    case 'user':
      return url ?? (tag === undefined || tag === 'latest' ? 'the registry' : `the registry, ${tag}`)
  }
}

async function infoOf(plugin: OwnPlugin, config: Interfaces.Config, env: Env): Promise<PluginInfo> {
  const {name, type} = plugin
  const loaded = [...config.plugins.values()].find((other) => other.name === name && other.type !== 'core')
  const info = {
    name,
    type,
    root: plugin.type === 'link' ? plugin.root : packageRoot(config.dataDir, name),
    tag: plugin.type === 'user' ? plugin.tag : undefined,
    url: plugin.type === 'user' ? plugin.url : undefined,
    commands: loaded ? commandsOf(loaded) : [],
  }
  try {
    const pjson = await readPackage(info.root)
    const isUsed = loaded !== undefined || env.CLINVK_NO_PLUGINS
    const problem = isUsed ? undefined : 'It does not load: clinvk doctor says why.'
    return {...info, version: pjson.version, backends: backendNames(pjson), problem}
  } catch (error) {
    return {...info, backends: [], problem: messageOf(error)}
  }
}

function commandsOf({commands}: Interfaces.Plugin): string[] {
  return commands.map(({id}) => id.replaceAll(':', ' '))
}

function byName(a: PluginInfo, b: PluginInfo): number {
  return a.name < b.name ? -1 : 1
}
