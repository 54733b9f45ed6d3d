import {readFile, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {Failure, messageOf} from 'clinvk-kit/errors/failure'
import type {PackageSource} from './identify-package.js'

/** A plugin of the user, as oclif records it in the package.json of its data directory. */
export type OwnPlugin = UserPlugin | LinkedPlugin

/** From the registry by `tag`, which may be a version or a range; or from the address `url`. */
export interface UserPlugin {
  readonly name: string
  readonly type: 'user'
  readonly tag?: string
  readonly url?: string
}

export interface LinkedPlugin {
  readonly name: string
  readonly type: 'link'
  /** An absolute directory. */
  readonly root: string
}

/** The plugins of the user. Throws a Failure of kind `config` when the list is damaged. */
export async function ownPlugins(dataDir: string): Promise<OwnPlugin[]> {
  const {oclif} = await read(dataDir)
  // For oclif, a name alone means the latest version.
  return (oclif?.plugins ?? []).map((plugin) =>
    typeof plugin === 'string' ? {name: plugin, type: 'user', tag: 'latest'} : plugin,
  )
}

/** Adds a plugin, in place of what has the same name. Without one, it only makes sure that npm finds a package.json. */
export async function listPlugin(dataDir: string, plugin?: OwnPlugin): Promise<void> {
  const file = await read(dataDir)
  const others = (await ownPlugins(dataDir)).filter(({name}) => name !== plugin?.name)
  const fresh = {
    name: 'clinvk-plugins-of-the-user',
    private: true,
    dependencies: {},
    ...file,
    oclif: {schema: 1, ...file.oclif, plugins: plugin ? [...others, plugin] : others},
  }
  await writeFile(join(dataDir, 'package.json'), `${JSON.stringify(fresh, undefined, 2)}\n`)
}

/** What is recorded is what the user has written: the tag or range, not the version that it meant. */
export function entryOf(name: string, source: PackageSource): OwnPlugin {
  switch (source.kind) {
    case 'registry':
      return {name, type: 'user', tag: source.tag}
    case 'link':
      return {name, type: 'link', root: source.root}
    default:
      return {name, type: 'user', url: source.url}
  }
}

interface ListFile {
  readonly oclif?: {readonly plugins?: readonly (OwnPlugin | string)[]}
}

async function read(dataDir: string): Promise<ListFile> {
  const file = join(dataDir, 'package.json')
  try {
    return JSON.parse(await readFile(file, 'utf8')) as ListFile
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw new Failure('config', `The list of your plugins cannot be read: ${file}: ${messageOf(error)}`, [
      'To start again without plugins: clinvk plugins reset',
    ])
  }
}
