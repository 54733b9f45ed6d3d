import type {Interfaces} from '@oclif/core'
import {join} from 'node:path'
import {messageOf} from 'clinvk-kit/message-of'
import {readPackage} from './check-plugin.js'
import type {OwnPlugin} from './plugins-file.js'
import {backendNames} from './replaced.js'

/** A plugin as `clinvk plugins` tells of it. */
export interface Described {
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

/** The plugins of the user's own, and those that came with clinvk; each in the order of names. */
export async function describeAll(
  own: readonly OwnPlugin[],
  config: Interfaces.Config,
): Promise<Described[]> {
  const mine = await Promise.all(own.map(async (plugin) => describeOwn(plugin, config)))
  const core = [...config.plugins.values()].filter(({name, type}) => type === 'core' && name !== config.name)
  return [
    ...mine.sort(byName),
    ...core
      .map(({commands, name, pjson, root, version}): Described => ({
        name,
        version,
        type: 'core',
        root,
        backends: backendNames({...pjson, name, version}),
        commands: commands.map(({id}) => id.replaceAll(':', ' ')),
      }))
      .sort(byName),
  ]
}

async function describeOwn(plugin: OwnPlugin, config: Interfaces.Config): Promise<Described> {
  const {name, type} = plugin
  const root = plugin.type === 'link' ? plugin.root : join(config.dataDir, 'node_modules', name)
  const loaded = [...config.plugins.values()].find((other) => other.name === name && other.type !== 'core')
  const about = {
    name,
    type,
    root,
    ...(plugin.type === 'user' && plugin.tag !== undefined ? {tag: plugin.tag} : {}),
    ...(plugin.type === 'user' && plugin.url !== undefined ? {url: plugin.url} : {}),
    commands: (loaded?.commands ?? []).map(({id}) => id.replaceAll(':', ' ')),
  }
  try {
    const pjson = await readPackage(root)
    const problem =
      loaded || process.env.CLINVK_NO_PLUGINS ? {} : {problem: 'It does not load: clinvk doctor says why.'}
    return {...about, version: pjson.version, backends: backendNames(pjson), ...problem}
  } catch (error) {
    return {...about, backends: [], problem: messageOf(error)}
  }
}

function byName(a: Described, b: Described): number {
  return a.name < b.name ? -1 : 1
}
