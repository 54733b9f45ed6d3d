import type {Interfaces} from '@oclif/core'
import {Failure, messageOf} from 'clinvk-kit/errors/failure'
import {nearest} from 'clinvk-kit/format/text'
import type {Env} from 'clinvk-kit/io'
import {backendNames, findPackage, readPackage} from './package-json.js'
import {shortName} from './package-names.js'
import {type OwnPlugin, ownPlugins, packageRoot} from './plugin-list.js'
import {provided} from './plugin-package.js'

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
export async function listPluginInfo(config: Interfaces.Config, env: Env): Promise<PluginInfo[]> {
  const own = ownPlugins(config.dataDir).map(async (plugin) => infoOf(plugin, config, env))
  const core = [...config.plugins.values()]
    .filter(({name, type}) => type === 'core' && name !== config.name)
    .map(({commands, name, pjson, root, version}): PluginInfo => {
      const backends = backendNames(pjson as object)
      return {name, version, type: 'core', root, backends, commands: commandNames(commands)}
    })
  const byName = (a: PluginInfo, b: PluginInfo) => (a.name < b.name ? -1 : 1)
  return [...(await Promise.all(own)).sort(byName), ...core.sort(byName)]
}

/**
 * The plugin that a word means: its package, that package without `clinvk-backend-` or `clinvk-plugin-`, one of
 * its backends, or the directory that it is linked to. `offered`: those that an error names.
 */
export function findPlugin(
  word: string,
  plugins: readonly PluginInfo[],
  directory?: string,
  offered = plugins,
): PluginInfo {
  const found =
    plugins.find(({name}) => name === word) ??
    plugins.find(
      ({backends, name, root, type}) =>
        shortName(name) === word || backends.includes(word) || (type === 'link' && root === directory),
    )
  if (found) return found
  const names = offered.map(({name}) => name)
  const near = nearest(
    shortName(word),
    names.map((name) => shortName(name)),
  )
  throw new Failure('usage', `Unknown plugin "${word}".`, [
    ...(near === undefined ? [] : [`Did you mean: ${near}`]),
    names.length === 0 ? 'You have installed no plugins.' : `Available: ${names.join(', ')}`,
  ])
}

/** The user's plugins that words mean, each once; all of them when there are no words. */
export async function chooseOwn(
  words: readonly string[],
  config: Interfaces.Config,
  env: Env,
  directoryOf: (word: string) => string | undefined = () => undefined,
): Promise<readonly OwnPlugin[]> {
  const own = ownPlugins(config.dataDir)
  if (words.length === 0) return own
  const all = await listPluginInfo(config, env)
  const yours = all.filter(({type}) => type !== 'core')
  const names = words.map((word) => {
    const {name, type} = findPlugin(word, all, directoryOf(word), yours)
    if (type !== 'core') return name
    const hint = `To disable its backend: clinvk config set backends.${shortName(name)}.enabled false`
    const message = `${name} came with clinvk; you have not installed your own version of it.`
    throw new Failure('usage', message, name.startsWith('clinvk-backend-') ? [hint] : [])
  })
  return own.filter(({name}) => names.includes(name))
}

export async function pluginDetails(plugin: PluginInfo, dataDir: string): Promise<PluginDetails> {
  const {name, root, type} = plugin
  const pjson = await readPackage(root).catch(() => undefined)
  const record = type === 'core' ? undefined : ownPlugins(dataDir).find((own) => own.name === name)?.trust
  const dependencies = Object.keys(pjson?.dependencies ?? {}).map(async (one) => {
    const found = await findPackage(one, root)
    return [one, found?.pjson.version ?? null] as const
  })
  return {
    ...plugin,
    description: typeof pjson?.description === 'string' ? pjson.description : undefined,
    from: record?.origin ?? whereFrom(plugin),
    publisher: record?.publisher,
    maintainers: record?.maintainers.length === 0 ? undefined : record?.maintainers,
    scripts_allowed: record?.scripts || undefined,
    hooks: pjson ? (await provided(root, pjson)).hooks : [],
    dependencies: Object.fromEntries(await Promise.all(dependencies)),
  }
}

export function whereFrom({root, tag = 'latest', type, url}: PluginInfo): string {
  if (type === 'core') return 'came with clinvk'
  if (type === 'link') return `linked to ${root}`
  return url ?? (tag === 'latest' ? 'the registry' : `the registry, ${tag}`)
}

async function infoOf(plugin: OwnPlugin, config: Interfaces.Config, env: Env): Promise<PluginInfo> {
  const {name, type} = plugin
  const loaded = [...config.plugins.values()].find((other) => other.name === name && other.type !== 'core')
  const info = {
    name,
    type,
    ...(plugin.type === 'link'
      ? {root: plugin.root}
      : {root: packageRoot(config.dataDir, name), tag: plugin.tag, url: plugin.url}),
    commands: commandNames(loaded?.commands ?? []),
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

function commandNames(commands: Interfaces.Plugin['commands']): string[] {
  return commands.map(({id}) => id.replaceAll(':', ' '))
}
