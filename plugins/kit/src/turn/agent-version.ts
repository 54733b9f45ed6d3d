import type {Descriptor} from 'clinvk-contract'

/** A notice for an agent that is older than what is supported, or newer by more than a patch than what was tested. */
export function agentVersionNotice(
  version: string | undefined,
  descriptor: Pick<Descriptor, 'supportedFrom' | 'tested' | 'title'>,
): string | undefined {
  const {supportedFrom, tested, title} = descriptor
  const standing = versionStanding(version, descriptor)
  if (standing === 'too old')
    return `${title} ${version} is older than ${supportedFrom}, the first version that is known to work.`
  if (standing !== 'untested' || compare(version!, tested!, 2) < 0) return undefined
  return `${title} ${version} is newer than ${tested}, the version that was tested.`
}

/** How a version relates to the descriptor; a newer patch of what was tested counts as tested. Undefined: unknown. */
export function versionStanding(
  version: string | undefined,
  {supportedFrom, tested}: Pick<Descriptor, 'supportedFrom' | 'tested'>,
): 'tested' | 'untested' | 'too old' | undefined {
  if (version === undefined) return undefined
  if (supportedFrom !== undefined && compare(version, supportedFrom, 3) < 0) return 'too old'
  if (tested === undefined) return undefined
  return compare(version, tested, 2) === 0 ? 'tested' : 'untested'
}

/** Compares the first `count` numbers of two versions. */
function compare(a: string, b: string, count: number): number {
  const numbers = (version: string) => version.split(/[.-]/).map((part) => Number.parseInt(part, 10) || 0)
  const [left, right] = [numbers(a), numbers(b)]
  const differences = Array.from({length: count}, (_, index) => (left[index] ?? 0) - (right[index] ?? 0))
  return differences.find((difference) => difference !== 0) ?? 0
}
