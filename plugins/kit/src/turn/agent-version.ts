import type {Descriptor} from 'clinvk-contract'

/**
 * What the user should know about the agent's version: it is older than what is
 * known to work, or newer by more than a patch than what was tested.
 */
export function agentVersionNotice(
  version: string | undefined,
  {supportedFrom, tested, title}: Pick<Descriptor, 'supportedFrom' | 'tested' | 'title'>,
): string | undefined {
  if (version === undefined) return undefined
  if (supportedFrom !== undefined && compare(version, supportedFrom, 3) < 0) {
    return `${title} ${version} is older than ${supportedFrom}, the first version that is known to work.`
  }

  if (tested === undefined || compare(version, tested, 2) <= 0) return undefined
  return `${title} ${version} is newer than ${tested}, the version that was tested.`
}

/** Where a version stands; a newer patch of what was tested counts as tested. Undefined when nothing is known. */
export function versionStanding(
  version: string | undefined,
  {supportedFrom, tested}: Pick<Descriptor, 'supportedFrom' | 'tested'>,
): 'tested' | 'untested' | 'too old' | undefined {
  if (version === undefined) return undefined
  if (supportedFrom !== undefined && compare(version, supportedFrom, 3) < 0) return 'too old'
  if (tested === undefined) return undefined
  return compare(version, tested, 2) === 0 ? 'tested' : 'untested'
}

/** Compares the first `parts` numbers of two versions. */
function compare(a: string, b: string, parts: number): number {
  const [left, right] = [a, b].map((version) =>
    version.split(/[.-]/).map((part) => Number.parseInt(part, 10) || 0),
  )
  for (let index = 0; index < parts; index++) {
    const difference = (left![index] ?? 0) - (right![index] ?? 0)
    if (difference !== 0) return difference
  }

  return 0
}
