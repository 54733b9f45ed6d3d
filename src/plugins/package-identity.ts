import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {Failure} from 'clinvk-kit/errors/failure'
import type {Npm} from './npm.js'
import {isOfficial, nearOfficial} from './package-names.js'
import type {PackageSpec} from './package-spec.js'

/** Which package a spec means now, and what the registry says about it. */
export interface PackageIdentity {
  readonly name: string
  readonly version: string
  readonly source: PackageSource
  /** What npm is given to install this version and no other. */
  readonly pinned: string
  readonly integrity?: string
  /** The account that published this version; undefined when the registry does not say. */
  readonly publisher?: string
  /** The accounts that may publish it. */
  readonly maintainers: readonly string[]
  /** ISO 8601. */
  readonly publishedAt?: string
  readonly deprecated?: string
}

/** Where a plugin comes from. */
export type PackageSource =
  | {readonly kind: 'registry'; readonly host?: string; readonly tag: string}
  /** An address that npm understands. */
  | {readonly kind: 'tarball' | 'url' | 'git'; readonly url: string}
  /** An absolute directory. */
  | {readonly kind: 'link'; readonly root: string}

/** Asks npm. Runs and unpacks nothing of the package. */
export async function identifyPackage(spec: PackageSpec, npm: Npm): Promise<PackageIdentity> {
  if (spec.kind === 'registry') return identifyInRegistry(spec.name, spec.tag, npm)
  const isGit = spec.kind === 'git'
  const answer = isGit ? await npm.view(spec.spec) : await npm.describeTarball(spec.spec)
  const {_resolved, integrity, name = '', version = ''} = newest(answer) ?? {}
  return {
    name,
    version,
    source: {kind: spec.kind, url: spec.kind === 'tarball' ? `file:${spec.spec}` : spec.spec},
    // Of a repository this commit, not a later one.
    pinned: isGit ? `${spec.spec.replace(/#.*$/, '')}#${commitOf(_resolved)}` : spec.spec,
    integrity,
    maintainers: [],
  }
}

/** Whether exactly this is installed in a directory. Versions alone do not tell, except in a registry. */
export async function isInstalled(
  {integrity, name, pinned, source, version}: PackageIdentity,
  directory: string,
): Promise<boolean> {
  const lock = JSON.parse(await readFile(join(directory, 'package-lock.json'), 'utf8')) as {
    packages?: Readonly<Record<string, Pick<Metadata, 'version' | 'integrity'> & {resolved?: string}>>
  }
  const found = lock.packages?.[`node_modules/${name}`]
  if (found?.version !== version) return false
  if (source.kind === 'git') return commitOf(found.resolved) === commitOf(pinned)
  return integrity === undefined || found.integrity === undefined || found.integrity === integrity
}

/** As the end of a sentence: `from the registry at npm.example.org`. */
export function sourceText(source: PackageSource): string {
  if (source.kind === 'registry')
    return `the registry${source.host === undefined ? '' : ` at ${source.host}`}`
  return source.kind === 'link' ? source.root : source.url
}

/** As `npm view` and `npm pack` print it with --json; of a registry, with what it says about the package. */
interface Metadata {
  readonly name?: string
  readonly version?: string
  readonly _resolved?: string
  readonly deprecated?: unknown
  readonly _npmUser?: unknown
  readonly maintainers?: unknown
  readonly time?: Readonly<Record<string, string>>
  readonly versions?: string | readonly string[]
  readonly 'dist-tags'?: Readonly<Record<string, string>>
  readonly dist?: {readonly tarball?: string; readonly integrity?: string}
  readonly integrity?: string
}

async function identifyInRegistry(name: string, tag: string, npm: Npm): Promise<PackageIdentity> {
  const found = newest(await npm.view(`${name}@${tag}`, name))
  if (found?.version === undefined) throw await notFound(name, tag, npm)
  const {_npmUser: user, deprecated, dist: {integrity, tarball} = {}, maintainers = [], time, version} = found
  return {
    name,
    version,
    source: {kind: 'registry', tag, host: URL.canParse(tarball ?? '') ? new URL(tarball!).host : undefined},
    pinned: `${name}@${version}`,
    integrity,
    publisher: personName(user),
    maintainers: [maintainers].flat().flatMap((person) => personName(person) ?? []),
    publishedAt: time?.[version],
    deprecated: typeof deprecated === 'string' ? deprecated : undefined,
  }
}

async function notFound(name: string, tag: string, npm: Npm): Promise<Failure> {
  const found = newest(await npm.view(name))
  if (found) {
    const versions = [found.versions ?? []].flat().reverse()
    const tags = Object.entries(found['dist-tags'] ?? {}).map(([other, version]) => `${other} (${version})`)
    return new Failure('usage', `${name} has no version or tag ${tag}.`, [
      `Versions: ${versions.slice(0, 10).join(', ')}${versions.length > 10 ? ', and older ones' : ''}`,
      `Tags: ${tags.join(', ')}`,
    ])
  }
  const near = nearOfficial(name)
  let hint: string | undefined
  if (near !== undefined) hint = `Did you mean: clinvk plugins install ${near}`
  else if (isOfficial(name))
    hint = `It may not be published there yet. From its tarball: clinvk plugins install ./${name}-VERSION.tgz`
  else if (/^(?!clinvk-)[a-z0-9-]+$/.test(name))
    hint = 'Only official plugins have short names. Write the whole name of the package.'
  const hints = hint === undefined ? [] : [hint]
  return new Failure('usage', `There is no package named ${name} in the registry.`, hints)
}

/** For a range, npm prints all versions that match, the newest last. */
function newest(answer: unknown): Metadata | undefined {
  return (Array.isArray(answer) ? answer.at(-1) : answer) as Metadata | undefined
}

/** npm writes people as `name <mail>`. */
function personName(person: unknown): string | undefined {
  const name = typeof person === 'object' && person !== null && 'name' in person ? person.name : person
  return typeof name === 'string' ? name.replace(/\s*<.*$/, '') || undefined : undefined
}

function commitOf(address = ''): string {
  return address.split('#')[1] ?? ''
}
