import type {Interfaces} from '@oclif/core'
import type {Backend, Contribution, Descriptor} from 'clinvk-contract'
import {Failure} from '../errors/failure.js'
import {nearest} from '../format/text.js'
import {loadBackend, type Origin} from './load-backend.js'

export interface InstalledPlugin {
  readonly name: string
  /** Absolute directory of the package. */
  readonly root: string
  readonly pjson: {readonly version: string; readonly clinvk?: unknown}
  /** It came with clinvk, so its descriptors are known to be valid. */
  readonly isBundled?: boolean
  /** It is a user's own, and used instead of the package of this name that came with clinvk. */
  readonly replacesOurs?: boolean
  /** The user works on it, in its directory. */
  readonly isLinked?: boolean
}

/** A backend that is installed. Its module is imported by `load`, not before. */
export interface BackendEntry extends Origin {
  readonly descriptor: Descriptor
  /** The package whose backend of this name is not used because of this one; its own name where it came with clinvk. */
  readonly replaces?: string
  /** Throws a Failure of kind `unavailable` when the module is broken. */
  load(): Promise<Backend>
}

export interface Discovered {
  readonly backends: ReadonlyMap<string, BackendEntry>
  /** One sentence for each plugin that cannot be used. */
  readonly problems: readonly string[]
  /** Backends that are not used, because a package that comes before has one of that name. */
  readonly shadowed: readonly {readonly name: string; readonly plugin: string; readonly by: string}[]
}

/** The backends of the plugins that oclif has loaded; a user's own come first. Imports none of them. */
export function backendsOf(config: Interfaces.Config): Promise<Discovered> {
  const ours: readonly unknown[] = config.pjson.oclif.plugins ?? []
  return discoverBackends(
    config.getPluginsList().map(({name, pjson, root, type}) => ({
      name,
      root,
      pjson,
      isBundled: type === 'core',
      isLinked: type === 'link',
      replacesOurs: type !== 'core' && ours.includes(name),
    })),
  )
}

/** The backends of installed packages, from the key `clinvk` of their package.json, in order of precedence. */
export async function discoverBackends(plugins: Iterable<InstalledPlugin>): Promise<Discovered> {
  const backends = new Map<string, BackendEntry>()
  const problems: string[] = []
  const shadowed: {name: string; plugin: string; by: string}[] = []
  for (const plugin of plugins) {
    if (plugin.pjson.clinvk === undefined) continue
    const {issue, value} = await contributionOf(plugin)
    if (issue !== undefined) problems.push(`${plugin.name} cannot be used as a backend: ${issue}.`)
    for (const [name, descriptor] of Object.entries(value?.backends ?? {})) {
      const first = backends.get(name)
      if (first) shadowed.push({name, plugin: plugin.name, by: first.plugin})
      backends.set(
        name,
        first ? {...first, replaces: first.replaces ?? plugin.name} : await entryOf(plugin, name, descriptor),
      )
    }
  }

  return {backends, problems, shadowed}
}

/** `source` says who names it, where the user has not typed it. Suggests no package: nobody has checked that there is one. */
export function unknownBackend(
  name: string,
  backends: ReadonlyMap<string, unknown>,
  source?: 'the setting default_backend' | 'this session',
): Failure {
  const known = [...backends.keys()].sort()
  const near = nearest(name, known)
  const origin = source === undefined ? '' : `, which ${source} names`
  const message = `Unknown backend "${name}"${origin}. Available: ${known.join(', ') || 'none'}.`
  return new Failure('unavailable', message, [
    ...(near === undefined ? [] : [`Did you mean: ${near}`]),
    ...(source === 'the setting default_backend' ? ['Where it is set: clinvk config show'] : []),
    'If it is installed, see what is wrong: clinvk doctor',
  ])
}

async function entryOf(
  {isBundled, isLinked, name: plugin, pjson, replacesOurs, root}: InstalledPlugin,
  name: string,
  written: Descriptor,
): Promise<BackendEntry> {
  const origin: Origin = {name, plugin, pluginVersion: pjson.version, root, isLinked, isBundled}
  const descriptor = written.command
    ? (await import('./text-agent.js')).describedByCommand(written, written.command)
    : written
  let loading: Promise<Backend> | undefined
  return {
    ...origin,
    descriptor,
    replaces: replacesOurs ? plugin : undefined,
    // Once: it is asked for with each of thousands of conversations.
    load: () => (loading ??= loadBackend(origin, descriptor)),
  }
}

/** The key `clinvk` of a package.json, or why it cannot be used as the second half of a sentence. */
async function contributionOf({isBundled, pjson: {clinvk}}: InstalledPlugin): Promise<{
  value?: Contribution
  issue?: string
}> {
  if (isBundled) return {value: clinvk as Contribution}
  const {contract} = Object(clinvk) as Partial<Contribution>
  if (typeof contract === 'number' && contract !== CONTRACT)
    return {issue: `it is made for contract ${contract}, this clinvk uses contract ${CONTRACT}`}
  const {contractSchema, validate} = await import('clinvk-contract/schema')
  const {issue, value} = validate(contractSchema({strict: false}).contribution, clinvk)
  return issue === undefined ? {value} : {issue: `in \`clinvk\` of its package.json, ${issue}`}
}

const CONTRACT = 1
