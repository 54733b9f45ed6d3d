import {Failure} from 'clinvk-kit/errors/failure'
import type {PackageIdentity} from './identify-package.js'
import {isOfficial, nearOfficial} from './official.js'
import {isNoMatch, isNotFound, npmFailure} from './npm-error.js'
import type {Npm} from './npm.js'

/** What the registry says about a package. `tag` is a tag, a range or a version. */
export async function fetchMetadata(
  name: string,
  tag: string,
  npm: Npm,
  cwd: string,
): Promise<PackageIdentity> {
  let answer: unknown
  try {
    answer = await npm.view(`${name}@${tag}`, cwd)
  } catch (error) {
    if (isNoMatch(error)) throw await noSuchVersion(name, tag, npm, cwd)
    throw isNotFound(error) ? noSuchPackage(name) : npmFailure(error, name)
  }

  // For a range: all versions that match, the newest last.
  const metadata = (Array.isArray(answer) ? answer.at(-1) : answer) as Metadata | undefined
  if (metadata?.version === undefined) throw await noSuchVersion(name, tag, npm, cwd)
  const {_npmUser: user, deprecated, dist = {}, maintainers = [], time = {}, version} = metadata
  return {
    name,
    version,
    source: {kind: 'registry', tag, host: hostOf(dist.tarball)},
    pinned: `${name}@${version}`,
    integrity: dist.integrity,
    publisher: personName(user),
    maintainers: [maintainers].flat().flatMap((person) => personName(person) ?? []),
    publishedAt: time[version],
    deprecated: typeof deprecated === 'string' ? deprecated : undefined,
  }
}

/** As `npm view --json` prints it: the fields of the version, and those of the whole package. */
interface Metadata {
  readonly version: string
  readonly deprecated?: unknown
  readonly _npmUser?: unknown
  readonly maintainers?: unknown
  readonly time?: Readonly<Record<string, string>>
  readonly versions?: string | readonly string[]
  readonly 'dist-tags'?: Readonly<Record<string, string>>
  readonly dist?: {readonly tarball?: string; readonly integrity?: string}
}

async function noSuchVersion(name: string, tag: string, npm: Npm, cwd: string): Promise<unknown> {
  try {
    const found = await npm.view(name, cwd)
    const {'dist-tags': tags = {}, versions = []} = (Array.isArray(found) ? found.at(-1) : found) as Metadata
    const all = [versions].flat()
    const newest = all.slice(-SHOWN_VERSIONS).reverse()
    const named = Object.entries(tags).map(([other, version]) => `${other} (${version})`)
    return new Failure('usage', `${name} has no version or tag ${tag}.`, [
      `Versions: ${newest.join(', ')}${all.length > SHOWN_VERSIONS ? ', and older ones' : ''}`,
      `Tags: ${named.join(', ')}`,
    ])
  } catch (error) {
    return isNotFound(error) ? noSuchPackage(name) : npmFailure(error, name)
  }
}

function noSuchPackage(name: string): Failure {
  const near = nearOfficial(name)
  const isShort = /^[a-z0-9-]+$/.test(name) && !name.startsWith('clinvk-')
  return new Failure('usage', `There is no package named ${name} in the registry.`, [
    ...(near === undefined ? [] : [`Did you mean: clinvk plugins install ${near}`]),
    ...(isOfficial(name)
      ? [`It may not be published there yet. From its tarball: clinvk plugins install ./${name}-VERSION.tgz`]
      : []),
    ...(isShort && near === undefined
      ? [
          `Only official plugins have short names; write the whole one: clinvk plugins install clinvk-backend-${name}`,
        ]
      : []),
  ])
}

/** npm writes people as `name <mail>`. */
function personName(person: unknown): string | undefined {
  const name = typeof person === 'object' && person !== null && 'name' in person ? person.name : person
  return typeof name === 'string' ? name.replace(/\s*<.*$/, '') || undefined : undefined
}

function hostOf(url: string | undefined): string | undefined {
  return url !== undefined && URL.canParse(url) ? new URL(url).host : undefined
}

const SHOWN_VERSIONS = 10
