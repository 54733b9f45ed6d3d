import {existsSync, readlinkSync, renameSync, writeFileSync} from 'node:fs'
import {dirname, join, resolve} from 'node:path'
import {Failure, messageOf} from 'clinvk-kit/errors/failure'
import {readText} from 'clinvk-kit/files/read-file'
import {isRecord} from 'clinvk-kit/format/is-record'
import {oneLine} from 'clinvk-kit/format/text'

/** A plugin of the user, as the package.json of their data directory lists it: oclif's keys, and `trust`. */
export type OwnPlugin = InstalledPlugin | LinkedPlugin

/** From the registry by `tag`, which may be a version or a range; or from the address `url`. */
export interface InstalledPlugin {
  readonly name: string
  readonly type: 'user'
  readonly tag?: string
  readonly url?: string
  readonly trust?: TrustRecord
}

interface LinkedPlugin {
  readonly name: string
  readonly type: 'link'
  /** An absolute directory. */
  readonly root: string
  readonly trust?: TrustRecord
}

/** What was known about a plugin when it was installed; an update is compared with it. */
export interface TrustRecord {
  /** In words. */
  readonly origin: string
  readonly publisher?: string
  readonly maintainers: readonly string[]
  readonly version: string
  /** Whether its install scripts may run. */
  readonly scripts: boolean
}

/** What can be used of the list, and what is wrong with the rest of it. Undefined when there is none. */
export function readPluginList(dataDir: string): {plugins: readonly OwnPlugin[]; issue?: string} | undefined {
  try {
    const list: unknown = readFile(dataDir)?.oclif?.plugins ?? []
    if (!Array.isArray(list)) return {plugins: [], issue: '`oclif.plugins` is not a list'}
    // For oclif, a name alone means the latest version.
    const entries = list.map((entry: unknown) =>
      typeof entry === 'string' ? {name: entry, type: 'user'} : entry,
    )
    const plugins = entries.filter((entry) => isOwnPlugin(entry))
    const invalid = entries.length - plugins.length
    return {plugins, issue: invalid === 0 ? undefined : `invalid entries in \`oclif.plugins\`: ${invalid}`}
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      return {plugins: [], issue: oneLine(messageOf(error))}
    return restorePlugins(dataDir) ? readPluginList(dataDir) : undefined
  }
}

/** The plugins of the user. Throws a Failure of kind `config` when the list is damaged. */
export function ownPlugins(dataDir: string): readonly OwnPlugin[] {
  const {issue, plugins = []} = readPluginList(dataDir) ?? {}
  if (issue === undefined) return plugins
  throw new Failure('config', damagedList(dataDir, issue), [TO_REPAIR_LIST])
}

/** Where an installed plugin is. */
export function packageRoot(dataDir: string, name: string): string {
  return join(dataDir, 'node_modules', name)
}

export function damagedList(dataDir: string, issue: string): string {
  return `The list of your plugins is damaged: ${join(dataDir, 'package.json')}: ${issue}.`
}

export function addToPluginList(dataDir: string, added: readonly OwnPlugin[]): void {
  const others = ownPlugins(dataDir).filter(({name}) => added.every((one) => one.name !== name))
  const file = existsSync(join(dataDir, 'package.json')) ? readFile(dataDir) : undefined
  const fresh = {
    name: 'clinvk-plugins-of-the-user',
    private: true,
    dependencies: {},
    ...file,
    oclif: {schema: 1, ...file?.oclif, plugins: [...others, ...added]},
  }
  writeFileSync(join(dataDir, 'package.json'), `${JSON.stringify(fresh, undefined, 2)}\n`)
}

/**
 * Undoes a change of the plugins that was killed between its two renames, the only moment at which the data
 * directory is missing. Returns whether there was one.
 */
export function restorePlugins(dataDir: string): boolean {
  if (existsSync(dataDir)) return false
  try {
    const place = targetOf(dataDir)
    renameSync(previousOf(place), place)
    return true
  } catch {
    // There is nothing to restore, or another process was faster.
    return false
  }
}

/** Where a change keeps the data directory that it replaces, until it is done. */
export function previousOf(dataDir: string): string {
  return `${dataDir}.previous`
}

/** Where a link leads, also to a directory that is missing. */
function targetOf(path: string): string {
  try {
    return resolve(dirname(path), readlinkSync(path))
  } catch {
    return path
  }
}

function readFile(dataDir: string): {oclif?: {plugins?: unknown}} | null {
  return JSON.parse(readText(join(dataDir, 'package.json'))) as {
    oclif?: {plugins?: unknown}
  } | null
}

function isOwnPlugin(entry: unknown): entry is OwnPlugin {
  if (!isRecord(entry)) return false
  const {name, root, trust, type} = entry
  const isTrustValid = trust === undefined || (isRecord(trust) && Array.isArray(trust.maintainers))
  return (
    typeof name === 'string' &&
    isTrustValid &&
    (type === 'user' || (type === 'link' && typeof root === 'string'))
  )
}

export const TO_REPAIR_LIST = 'Repair the file, or remove all your plugins: clinvk plugins reset'
