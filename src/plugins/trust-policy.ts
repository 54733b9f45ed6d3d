import {Failure} from 'clinvk-kit/errors/failure'
import type {Settings} from 'clinvk-kit/settings/settings'
import {sourceText} from './package-identity.js'
import {matchesAny} from './package-json.js'
import {isOfficial} from './package-names.js'
import type {TrustRecord} from './plugin-list.js'
import type {PluginPackage, Provided} from './plugin-package.js'

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
  const {name, source} = plugin
  const change = before && firstChange(plugin, before)
  const isRegistry = source.kind === 'registry'
  if (isRegistry && (isOfficial(name) || matchesAny(name, trust.plugins)))
    return {kind: 'allow', note: before?.record && change}
  if (!trust.only) return before && change === undefined ? {kind: 'allow'} : {kind: 'ask', reason: change}
  const message = isRegistry
    ? `${name} may not be installed: it is neither official nor in trust.plugins, and trust.only is true.`
    : `${name} may not be installed from ${sourceText(source)}: trust.only allows packages of the registry alone.`
  const failure = new Failure('refused', message, ['The settings that say so: clinvk config get trust'])
  return {kind: 'deny', failure}
}

function firstChange(plugin: PluginPackage, before: InstalledBefore): string | undefined {
  const {maintainers, name, provides, publisher, version} = plugin
  const {record} = before
  if (!record) return `It is unknown who published ${name} before.`
  const old = before.version ?? record.version
  const people = (names: readonly string[]) => names.join(', ') || UNKNOWN
  const source = sourceText(plugin.source)
  if (source !== record.origin)
    return `${name} now comes from ${source}; until now it came from ${record.origin}.`
  if (publisher !== record.publisher)
    return `${name} is now published by ${publisher ?? UNKNOWN}; until now it was by ${record.publisher ?? UNKNOWN}.`
  if (publisher === undefined && maintainers.join() !== record.maintainers.join())
    return `${name} is now maintained by ${people(maintainers)}; until now it was by ${people(record.maintainers)}.`
  if (isOlder(version, old)) return `${name} would be downgraded from ${old} to ${version}.`
  if (!before.provides) return `It is unknown what ${name} provided before.`
  const had = before.provides
  const added = PARTS.flatMap((part) =>
    provides[part].filter((one) => !had[part].includes(one)).map((one) => `${part.slice(0, -1)} ${one}`),
  )
  return added.length === 0 ? undefined : `${name} now also provides: ${added.join(', ')}.`
}

/** By semantic versioning, where a version before a release is older than it. */
function isOlder(version: string, other: string): boolean {
  const [left, right] = [version, other].map((text) => /^([^+-]*)(?:-([^+]*))?/.exec(text)!)
  const order = byNumber(left![1]!, right![1]!)
  const [before, otherBefore] = [left![2], right![2]]
  if (order !== 0 || before === undefined) return order < 0
  return otherBefore === undefined || byNumber(before, otherBefore) < 0
}

const {compare: byNumber} = new Intl.Collator('en', {numeric: true})
/** What the user is asked about, and again when it is new. */
export const PARTS = ['backends', 'hooks', 'plugins'] as const
const UNKNOWN = 'an unknown account'
