import {Failure} from 'clinvk-kit/errors/failure'
import type {Settings} from 'clinvk-kit/settings/settings'
import {sourceText} from './identify-package.js'
import {isOfficial} from './official.js'
import type {PluginPackage, Provided} from './plugin-package.js'
import type {TrustRecord} from './trust-record.js'

/** Whether a plugin may be installed. */
export type Decision =
  /** `note`: what has changed since the last installation. */
  | {readonly kind: 'allow'; readonly note?: string}
  /** `reason`: the same, where that is why the user is asked. */
  | {readonly kind: 'ask'; readonly reason?: string}
  | {readonly kind: 'deny'; readonly failure: Failure}

/** The installed version of a plugin, which an update is compared with. */
export interface InstalledBefore {
  readonly record?: TrustRecord
  /** Undefined when its package.json is lost. */
  readonly version?: string
  readonly provides?: Provided
}

/**
 * Official plugins and those that the user's settings name are allowed from the registry alone, because a
 * tarball or a repository can use any name. An update is allowed as long as nothing important has changed.
 */
export function decide(plugin: PluginPackage, trust: Settings['trust'], before?: InstalledBefore): Decision {
  const change = before && firstChange(plugin, before)
  if (plugin.source.kind === 'registry' && isTrusted(plugin.name, trust))
    return {kind: 'allow', note: before?.record && change}
  if (trust.only) return {kind: 'deny', failure: denial(plugin)}
  return before && change === undefined ? {kind: 'allow'} : {kind: 'ask', reason: change}
}

/** Whether a package of this name is allowed from the registry. */
export function isTrusted(name: string, {plugins}: Settings['trust']): boolean {
  return isOfficial(name) || plugins.some((pattern) => matches(pattern, name))
}

function firstChange(plugin: PluginPackage, before: InstalledBefore): string | undefined {
  const {record} = before
  const {maintainers, name, publisher} = plugin
  if (!record) return `It is unknown who had published ${name} before.`
  const source = sourceText(plugin.source)
  if (source !== record.origin)
    return `${name} now comes from ${source}; until now it came from ${record.origin}.`
  if (publisher !== record.publisher)
    return `${name} is now published by ${publisher ?? UNKNOWN}; until now it was by ${record.publisher ?? UNKNOWN}.`
  if (publisher === undefined && maintainers.join() !== record.maintainers.join())
    return `${name} is now maintained by ${people(maintainers)}; until now it was by ${people(record.maintainers)}.`
  const {provides, version = record.version} = before
  if (isOlder(plugin.version, version)) return `${name} would go back from ${version} to ${plugin.version}.`
  if (!provides) return `It is unknown what ${name} had provided before.`
  const added = newNames(plugin.provides, provides)
  return added.length === 0 ? undefined : `${name} now also provides: ${added.join(', ')}.`
}

function newNames(now: Provided, before: Provided): string[] {
  return (['backends', 'hooks', 'plugins'] as const).flatMap((part) =>
    now[part].filter((name) => !before[part].includes(name)).map((name) => `${part.slice(0, -1)} ${name}`),
  )
}

function isOlder(version: string, other: string): boolean {
  const [left, right] = [version, other].map((text) => text.split(/[.+-]/, 3).map(Number))
  const index = left!.findIndex((number, at) => number !== right![at])
  return index === -1 ? version.includes('-') && !other.includes('-') : left![index]! < right![index]!
}

function denial({name, source}: PluginPackage): Failure {
  return new Failure(
    'refused',
    source.kind === 'registry'
      ? `${name} may not be installed: it is neither official nor in trust.plugins, and trust.only is true.`
      : `${name} may not be installed from ${sourceText(source)}: trust.only allows packages of the registry alone.`,
    ['The settings that say so: clinvk config get trust'],
  )
}

/** `*` stands for any characters except `/`. */
function matches(pattern: string, name: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`))
  return new RegExp(`^${parts.join('[^/]*')}$`).test(name)
}

function people(names: readonly string[]): string {
  return names.length === 0 ? UNKNOWN : names.join(', ')
}

const UNKNOWN = 'an unknown account'
