import {existsSync} from 'node:fs'
import {Failure, isFailure} from 'clinvk-kit/errors/failure'
import {quoteCommand} from 'clinvk-kit/format/text'
import {identify, installedBefore, installPlugins} from './install.js'
import {isInstalled} from './package-identity.js'
import {readPackage} from './package-json.js'
import {type PackageSpec, recordedSpec} from './package-spec.js'
import type {PluginContext} from './plugin-context.js'
import {type OwnPlugin, packageRoot} from './plugin-list.js'
import {checkBackends} from './plugin-package.js'

export type Updated =
  | {
      readonly name: string
      readonly state: 'updated'
      /** Undefined when what was installed could not be used. */
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
  try {
    return await update(plugin, context)
  } catch (error) {
    // Ctrl-C ends the whole command.
    if (!isFailure(error) || error.kind === 'cancelled') throw error
    return {name: plugin.name, state: 'failed', failure: error}
  }
}

async function update(plugin: OwnPlugin, context: PluginContext): Promise<Updated> {
  const {name} = plugin
  if (plugin.type === 'link') {
    const {version} = await readPackage(plugin.root)
    return {name, state: 'current', version, why: `is linked to ${plugin.root}`}
  }
  const {dataDir} = context
  const version = await usableVersion(packageRoot(dataDir, name))
  const spec = recordedSpec(plugin)
  if (spec.kind === 'tarball' && !existsSync(spec.spec)) {
    const why = `came from ${spec.spec}, which is gone`
    if (version !== undefined) return {name, state: 'current', version, why}
    throw new Failure('unavailable', `${name} is broken, and ${why}.`)
  }
  const identity = await identify(spec, context)
  if (identity.name !== name)
    throw new Failure('refused', `${name} came from ${plugin.url!}, which is now ${identity.name}.`, [
      `If that is what you want: clinvk plugins install ${quoteCommand([plugin.url!])}`,
    ])
  if (version === identity.version && (spec.kind === 'registry' || (await isInstalled(identity, dataDir))))
    return {name, state: 'current', version, why: whyCurrent(spec)}
  const before = await installedBefore(plugin, dataDir)
  const [installed] = await installPlugins([{identity, before}], context)
  return {name, state: 'updated', from: version, to: identity.version, note: installed!.note}
}

/** Undefined when what is installed is damaged or incomplete. */
async function usableVersion(root: string): Promise<string | undefined> {
  try {
    const pjson = await readPackage(root)
    await checkBackends(root, pjson)
    return pjson.version
  } catch {
    return undefined
  }
}

function whyCurrent(spec: PackageSpec): string {
  if (spec.kind !== 'registry' || spec.tag === 'latest') return 'is up to date'
  return /^\d+\.\d+\.\d+/.test(spec.tag)
    ? 'stays: that version was asked for'
    : `is the newest of ${spec.tag}`
}
