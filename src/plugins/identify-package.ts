import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fetchMetadata} from './fetch-metadata.js'
import type {Npm} from './npm.js'
import {npmFailure} from './npm-error.js'
import {readJson, type PackageJson} from './package-json.js'
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

/** A tarball or a repository has to be unpacked for this, in a directory of its own and without running anything. */
export async function identifyPackage(
  spec: PackageSpec,
  npm: Npm,
  dataDir: string,
): Promise<PackageIdentity> {
  if (spec.kind === 'registry') return fetchMetadata(spec.name, spec.tag, npm, dataDir)
  const directory = await mkdtemp(join(tmpdir(), 'clinvk-plugin-'))
  try {
    await writeFile(join(directory, 'package.json'), '{}')
    await npm.install(spec.spec, directory).catch((error: unknown) => {
      throw npmFailure(error, spec.spec)
    })
    const {dependencies = {}} = await readJson<PackageJson>(join(directory, 'package.json'))
    const [name = ''] = Object.keys(dependencies)
    const {integrity, resolved = '', version = ''} = (await lockedPackage(directory, name)) ?? {}
    return {
      name,
      version,
      source: {kind: spec.kind, url: spec.kind === 'tarball' ? `file:${spec.spec}` : spec.spec},
      // Of a repository this commit, not a later one.
      pinned: spec.kind === 'git' ? `${spec.spec.replace(/#.*$/, '')}#${commitOf(resolved)}` : spec.spec,
      integrity,
      maintainers: [],
    }
  } finally {
    await rm(directory, {recursive: true, force: true})
  }
}

/** Whether exactly this is unpacked in a directory. Versions alone do not tell, except in a registry. */
export async function isUnpacked(
  {integrity, name, pinned, source, version}: PackageIdentity,
  directory: string,
): Promise<boolean> {
  const found = await lockedPackage(directory, name)
  if (found?.version !== version) return false
  if (source.kind === 'git') return commitOf(found.resolved) === commitOf(pinned)
  return integrity === undefined || found.integrity === undefined || found.integrity === integrity
}

/** As the end of a sentence: `from the registry at npm.example.org`. */
export function sourceText(source: PackageSource): string {
  switch (source.kind) {
    case 'registry':
      return `the registry${source.host === undefined ? '' : ` at ${source.host}`}`
    case 'link':
      return source.root
    default:
      return source.url
  }
}

interface LockedPackage {
  readonly version?: string
  readonly resolved?: string
  readonly integrity?: string
}

/** What npm has written down about a package that it installed. */
async function lockedPackage(directory: string, name: string): Promise<LockedPackage | undefined> {
  const lock = JSON.parse(await readFile(join(directory, 'package-lock.json'), 'utf8')) as {
    packages?: Readonly<Record<string, LockedPackage>>
  }
  return lock.packages?.[`node_modules/${name}`]
}

function commitOf(address = ''): string {
  return address.split('#')[1] ?? ''
}
