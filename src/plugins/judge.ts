import {Failure} from 'clinvk-kit/failure'
import type {Settings} from 'clinvk-kit/settings/settings'
import {originText, type Candidate} from './candidate.js'
import {isOfficial} from './official.js'
import type {TrustRecord} from './trust-record.js'

/** Whether a plugin may come in. */
export type Verdict =
  | {readonly kind: 'pass'}
  /** `why`: what is different from the last time, as a sentence. */
  | {readonly kind: 'ask'; readonly why?: string}
  | {readonly kind: 'refuse'; readonly failure: Failure}

type What = Pick<Candidate, 'name' | 'version' | 'origin' | 'publisher' | 'maintainers'>

/**
 * Official plugins and those on the list of the user pass, from the registry
 * only: a tarball may call itself what it likes. `known` is what was said about
 * the same plugin before; given for an update, not for a new installation.
 */
export function judge(what: What, trust: Settings['trust'], known?: TrustRecord | 'unknown'): Verdict {
  const {name, origin} = what
  if (origin.kind === 'registry' && isTrusted(name, trust)) return {kind: 'pass'}
  if (trust.only) return {kind: 'refuse', failure: refusal(what)}
  if (known === undefined) return {kind: 'ask'}
  if (known === 'unknown') return {kind: 'ask', why: `It is not known who had published ${name} before.`}
  const why = difference(what, known)
  return why === undefined ? {kind: 'pass'} : {kind: 'ask', why}
}

/** Whether a package of the registry passes without asking. */
export function isTrusted(name: string, {plugins}: Settings['trust']): boolean {
  return isOfficial(name) || plugins.some((pattern) => matches(pattern, name))
}

/** What has changed since the user said yes; undefined when nothing has. */
export function difference(
  {maintainers, name, origin, publisher}: What,
  known: TrustRecord,
): string | undefined {
  const from = originText(origin)
  if (from !== known.origin) return `${name} now comes from ${from}; until now it came from ${known.origin}.`
  if (publisher !== known.publisher)
    return `${name} is now published by ${publisher ?? 'somebody unknown'}; until now it was by ${known.publisher ?? 'somebody unknown'}.`
  if (publisher === undefined && maintainers.join() !== known.maintainers.join())
    return `${name} is now maintained by ${people(maintainers)}; until now it was by ${people(known.maintainers)}.`
  return undefined
}

function refusal({name, origin}: What): Failure {
  const from = originText(origin)
  return new Failure(
    'refused',
    origin.kind === 'registry'
      ? `${name} may not be installed: it is neither official nor in trust.plugins, and trust.only is true.`
      : `${name} may not be installed from ${from}: trust.only lets nothing in but from the registry.`,
    ['The settings that say so: clinvk config get trust'],
  )
}

/** `*` stands for any letters but `/`. */
function matches(pattern: string, name: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`))
  return new RegExp(`^${parts.join('[^/]*')}$`).test(name)
}

function people(names: readonly string[]): string {
  return names.length === 0 ? 'nobody known' : names.join(', ')
}
