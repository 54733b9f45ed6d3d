import {Failure} from 'clinvk-kit/failure'
import {installScripts, repositoryOf, type Candidate, type PackageJson} from './candidate.js'
import {isOfficial, nearOfficial} from './official.js'
import {isNoMatch, isNotFound, npmFailure} from './npm-failure.js'
import type {Npm} from './npm.js'

/** What the registry knows of a package. Throws a Failure that tells what is not there, or not reachable. */
export async function lookUp(name: string, wish: string, npm: Npm, folder: string): Promise<Candidate> {
  let answer: unknown
  try {
    answer = await npm.view(`${name}@${wish}`, folder)
  } catch (error) {
    if (isNoMatch(error)) throw await noSuchVersion(name, wish, npm, folder)
    throw isNotFound(error) ? noSuchPackage(name) : npmFailure(error, name)
  }

  // Of a range: all versions that fit, the newest last.
  const known = (Array.isArray(answer) ? answer.at(-1) : answer) as Known | undefined
  if (known?.version === undefined) throw await noSuchVersion(name, wish, npm, folder)
  const {_npmUser: user, deprecated, dist = {}, maintainers = [], time = {}, version} = known
  const host = hostOf(dist.tarball)
  const publisher = personName(user)
  return {
    name,
    version,
    origin: {kind: 'registry', wish, ...(host === undefined ? {} : {host})},
    spec: `${name}@${version}`,
    ...(publisher === undefined ? {} : {publisher}),
    maintainers: [maintainers].flat().flatMap((person) => personName(person) ?? []),
    ...(time[version] === undefined ? {} : {publishedAt: time[version]}),
    ...repositoryOf(known),
    scripts: installScripts(known, false),
    dependencies: Object.keys(known.dependencies ?? {}).length,
    ...(typeof deprecated === 'string' ? {deprecated} : {}),
    ...(dist.integrity === undefined ? {} : {integrity: dist.integrity}),
    pjson: known,
  }
}

/** As `npm view --json` has it: the version, and what stands over all versions. */
interface Known extends PackageJson {
  readonly _npmUser?: unknown
  readonly maintainers?: unknown
  readonly time?: Readonly<Record<string, string>>
  readonly versions?: string | readonly string[]
  readonly 'dist-tags'?: Readonly<Record<string, string>>
  readonly dist?: {readonly tarball?: string; readonly integrity?: string}
}

async function noSuchVersion(name: string, wish: string, npm: Npm, folder: string): Promise<unknown> {
  try {
    const found = await npm.view(name, folder)
    const {'dist-tags': tags = {}, versions = []} = (Array.isArray(found) ? found.at(-1) : found) as Known
    const all = [versions].flat()
    const newest = all.slice(-SHOWN).reverse()
    const named = Object.entries(tags).map(([tag, version]) => `${tag} (${version})`)
    return new Failure('usage', `${name} has no version or tag ${wish}.`, [
      `Versions: ${newest.join(', ')}${all.length > SHOWN ? ', and older ones' : ''}`,
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

const SHOWN = 10
