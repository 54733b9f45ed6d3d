import {readFile} from 'node:fs/promises'
import {createRequire} from 'node:module'
import {join} from 'node:path'
import type {PackageJson} from './candidate.js'
import type {Described} from './described.js'
import {cameFrom} from './plugin-table.js'
import {trustRecords} from './trust-record.js'

/** All that is known of an installed plugin on this machine. */
export interface Inspected extends Described {
  readonly description?: string
  /** In words. */
  readonly from: string
  readonly publisher?: string
  readonly maintainers?: readonly string[]
  /** Set where its scripts may run while it is installed. */
  readonly scripts_allowed?: boolean
  /** The events that it listens to. */
  readonly hooks: readonly string[]
  /** The version that is there of each package that it needs; null where there is none. */
  readonly dependencies: Readonly<Record<string, string | null>>
}

export async function inspect(plugin: Described, dataDir: string): Promise<Inspected> {
  const pjson = await readJson(join(plugin.root, 'package.json'))
  const record = plugin.type === 'core' ? undefined : (await trustRecords(dataDir))[plugin.name]
  const hooks = (pjson?.oclif as {hooks?: object} | undefined)?.hooks ?? {}
  const needed = Object.keys(pjson?.dependencies ?? {})
  const versions = await Promise.all(
    needed.map(async (name) => [name, await versionOf(name, plugin.root)] as const),
  )
  return {
    ...plugin,
    ...(typeof pjson?.description === 'string' ? {description: pjson.description} : {}),
    from: record?.origin ?? cameFrom(plugin),
    ...(record?.publisher === undefined ? {} : {publisher: record.publisher}),
    ...(record === undefined || record.maintainers.length === 0 ? {} : {maintainers: record.maintainers}),
    ...(record?.scripts ? {scripts_allowed: true} : {}),
    hooks: Object.keys(hooks),
    dependencies: Object.fromEntries(versions),
  }
}

/** As Node would find it from there, whatever its `exports` say. */
async function versionOf(name: string, root: string): Promise<string | null> {
  for (const place of createRequire(join(root, 'package.json')).resolve.paths(name) ?? []) {
    const found = await readJson(join(place, name, 'package.json'))
    if (found) return found.version
  }

  return null
}

async function readJson(file: string): Promise<(PackageJson & {description?: unknown}) | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as PackageJson
  } catch {
    return undefined
  }
}
