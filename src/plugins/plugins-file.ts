import {randomUUID} from 'node:crypto'
import {readFile, rename, rm, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {Failure} from 'clinvk-kit/failure'
import {messageOf} from 'clinvk-kit/message-of'

/** A plugin of the user's own, as oclif keeps it. */
export type OwnPlugin =
  /** From the registry by `tag`, which may be a version or a range; or from the address `url`. */
  | {readonly name: string; readonly type: 'user'; readonly tag?: string; readonly url?: string}
  /** A directory of the user, absolute. */
  | {readonly name: string; readonly type: 'link'; readonly root: string}

/**
 * The plugins of the user's own, by the package.json in oclif's data directory.
 * Throws a Failure of kind `config` when that file cannot be made sense of.
 */
export async function ownPlugins(dataDir: string): Promise<OwnPlugin[]> {
  const {oclif} = await read(dataDir)
  // oclif takes a lone name for the latest version of it.
  return (oclif?.plugins ?? []).map((plugin) =>
    typeof plugin === 'string' ? {name: plugin, type: 'user', tag: 'latest'} : plugin,
  )
}

/** Puts plugins on the list, in place of what has the same name there. */
export async function listPlugins(dataDir: string, plugins: readonly OwnPlugin[]): Promise<void> {
  const names = new Set(plugins.map(({name}) => name))
  const others = (await ownPlugins(dataDir)).filter(({name}) => !names.has(name))
  await write(dataDir, [...others, ...plugins])
}

/** Takes plugins off the list, and off what npm is to have there. */
export async function unlistPlugins(dataDir: string, names: readonly string[]): Promise<void> {
  const others = (await ownPlugins(dataDir)).filter(({name}) => !names.includes(name))
  await write(dataDir, others, names)
}

/** Makes sure that npm finds a package.json there. */
export async function ensurePluginsFile(dataDir: string): Promise<void> {
  await write(dataDir, await ownPlugins(dataDir))
}

interface PluginsFile {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly oclif?: {readonly plugins?: readonly (OwnPlugin | string)[]}
}

async function read(dataDir: string): Promise<PluginsFile> {
  const file = join(dataDir, 'package.json')
  try {
    return JSON.parse(await readFile(file, 'utf8')) as PluginsFile
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw new Failure('config', `The list of your plugins cannot be read: ${file}: ${messageOf(error)}`, [
      'To begin anew, without plugins: clinvk plugins reset',
    ])
  }
}

async function write(
  dataDir: string,
  plugins: readonly OwnPlugin[],
  gone: readonly string[] = [],
): Promise<void> {
  const file = await read(dataDir)
  const dependencies = Object.entries(file.dependencies ?? {}).filter(([name]) => !gone.includes(name))
  const fresh = {
    name: 'clinvk-plugins-of-the-user',
    private: true,
    ...file,
    dependencies: Object.fromEntries(dependencies),
    oclif: {schema: 1, ...file.oclif, plugins},
  }
  await writeWhole(join(dataDir, 'package.json'), `${JSON.stringify(fresh, undefined, 2)}\n`)
}

/** The old file or the new one, whatever happens meanwhile. */
export async function writeWhole(file: string, text: string): Promise<void> {
  const temporary = `${file}.${randomUUID()}`
  try {
    await writeFile(temporary, text, {flush: true})
    await rename(temporary, file)
  } finally {
    await rm(temporary, {force: true})
  }
}
