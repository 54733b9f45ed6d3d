import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {installScripts, repositoryOf, type Candidate, type PackageJson} from './candidate.js'
import {npmFailure} from './npm-failure.js'
import type {Npm} from './npm.js'
import type {Wanted} from './wanted.js'

/**
 * What a package says of itself that no registry knows: it is unpacked in a
 * folder of its own, without running anything of it, and read there.
 */
export async function lookInto(
  {kind, spec}: Exclude<Wanted, {kind: 'registry'}>,
  npm: Npm,
): Promise<Candidate> {
  const folder = await mkdtemp(join(tmpdir(), 'clinvk-plugin-'))
  try {
    await writeFile(join(folder, 'package.json'), '{}')
    await npm.install(spec, folder).catch((error: unknown) => {
      throw npmFailure(error, spec)
    })
    const {dependencies = {}} = await readJson<PackageJson>(join(folder, 'package.json'))
    const [name = ''] = Object.keys(dependencies)
    const place = `node_modules/${name}`
    const {packages} = await readJson<Lock>(join(folder, 'package-lock.json'))
    const pjson = await readJson<PackageJson>(join(folder, place, 'package.json'))
    const {integrity, resolved = ''} = packages[place] ?? {}
    return {
      name,
      version: pjson.version,
      origin: {kind, url: kind === 'tarball' ? `file:${spec}` : spec},
      // Of a repository: the commit that was looked at, not what may come after it.
      spec: kind === 'git' ? `${spec.replace(/#.*$/, '')}#${resolved.split('#')[1] ?? ''}` : spec,
      maintainers: [],
      ...repositoryOf(pjson),
      scripts: installScripts(pjson, kind === 'git'),
      dependencies: Object.keys(pjson.dependencies ?? {}).length,
      ...(integrity === undefined ? {} : {integrity}),
      pjson,
    }
  } finally {
    await rm(folder, {recursive: true, force: true})
  }
}

interface Lock {
  readonly packages: Readonly<Record<string, {readonly resolved?: string; readonly integrity?: string}>>
}

async function readJson<T>(file: string): Promise<T> {
  return JSON.parse(await readFile(file, 'utf8')) as T
}
