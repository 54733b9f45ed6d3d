import {existsSync} from 'node:fs'
import {isFailure, Failure} from 'clinvk-kit/errors/failure'
import {checkBackends} from './check-plugin.js'
import {isUnpacked} from './identify-package.js'
import {identify, installPlugins} from './install.js'
import {type PackageJson, readPackage} from './package-json.js'
import {type PackageSpec, recordedSpec} from './package-spec.js'
import type {PluginContext} from './plugin-context.js'
import type {OwnPlugin} from './plugin-list.js'
import {packageRoot, provided} from './plugin-package.js'
import type {InstalledBefore} from './trust-policy.js'
import {trustRecords} from './trust-record.js'

/** What became of one plugin. */
export type Updated =
  | {
      readonly name: string
      readonly state: 'updated'
      /** Undefined when what was there could not be used. */
      readonly from?: string
      readonly to: string
      /** What has changed about a plugin that is allowed without asking, as a sentence. */
      readonly note?: string
    }
  /** `why` it was left alone, as the end of a sentence. */
  | {readonly name: string; readonly state: 'current'; readonly version: string; readonly why: string}
  | {readonly name: string; readonly state: 'failed'; readonly failure: Failure}

/** Installs the newest version of what was asked for when a plugin was installed. */
export async function updatePlugin(plugin: OwnPlugin, context: PluginContext): Promise<Updated> {
  const {name} = plugin
  try {
    return await update(plugin, context)
  } catch (error) {
    // Ctrl-C ends the whole command.
    if (!isFailure(error) || error.kind === 'cancelled') throw error
    return {name, state: 'failed', failure: error}
  }
}

async function update(plugin: OwnPlugin, context: PluginContext): Promise<Updated> {
  const {name} = plugin
  if (plugin.type === 'link') {
    const {version} = await readPackage(plugin.root)
    return {name, state: 'current', version, why: `is linked to ${plugin.root}`}
  }

  const {dataDir} = context
  const root = packageRoot(dataDir, name)
  const pjson = await readPackage(root).catch(() => undefined)
  const version = pjson && (await isUsable(root, pjson)) ? pjson.version : undefined
  const spec = recordedSpec(plugin)
  if (spec.kind === 'tarball' && !existsSync(spec.spec)) {
    const why = `came from ${spec.spec}, which is gone`
    if (version !== undefined) return {name, state: 'current', version, why}
    throw new Failure('unavailable', `${name} is broken, and ${why}.`)
  }

  const identity = await identify(spec, context)
  if (identity.name !== name)
    throw new Failure('refused', `${name} came from ${plugin.url!}, which is now ${identity.name}.`, [
      `If that is what you want: clinvk plugins install ${plugin.url!}`,
    ])
  if (version === identity.version && (spec.kind === 'registry' || (await isUnpacked(identity, dataDir))))
    return {name, state: 'current', version, why: whyCurrent(spec)}
  const before = await installedBefore(plugin, dataDir)
  const [installed] = await installPlugins([{identity, before}], context)
  return {name, state: 'updated', from: version, to: identity.version, note: installed!.note}
}

/** What the new version of a plugin is compared with. */
export async function installedBefore(plugin: OwnPlugin, dataDir: string): Promise<InstalledBefore> {
  const {name, type} = plugin
  const root = type === 'link' ? plugin.root : packageRoot(dataDir, name)
  const pjson = await readPackage(root).catch(() => undefined)
  return {
    record: (await trustRecords(dataDir))[name],
    version: pjson?.version,
    provides: pjson && (await provided(root, pjson)),
  }
}

async function isUsable(root: string, pjson: PackageJson): Promise<boolean> {
  return checkBackends(root, pjson).then(
    () => true,
    () => false,
  )
}

function whyCurrent(spec: PackageSpec): string {
  if (spec.kind !== 'registry' || spec.tag === 'latest') return 'is up to date'
  return /^\d+\.\d+\.\d+/.test(spec.tag)
    ? 'stays: that version was asked for'
    : `is the newest of ${spec.tag}`
}
