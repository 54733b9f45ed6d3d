import {rm} from 'node:fs/promises'
import {Failure} from 'clinvk-kit/errors/failure'
import {withProgress} from '../output/live-line.js'
import {allowPlugin, type Allowed} from './allow-plugin.js'
import {identifyPackage, isInstalled, type PackageIdentity, sourceText} from './package-identity.js'
import {readPackage} from './package-json.js'
import {type PackageSpec, recordedSpec} from './package-spec.js'
import type {PluginContext} from './plugin-context.js'
import {addToPluginList, type OwnPlugin, packageRoot, type TrustRecord} from './plugin-list.js'
import {checkBackends, provided, readPluginPackage} from './plugin-package.js'
import {changePlugins} from './staging.js'
import type {InstalledBefore} from './trust-policy.js'

/** A package to install, or a directory to link. */
export interface Wanted {
  readonly identity: PackageIdentity
  /** What is installed now. Given when a plugin is updated or installed again. */
  readonly before?: InstalledBefore
}

export async function identify(spec: PackageSpec, {io, npm}: PluginContext): Promise<PackageIdentity> {
  const what = spec.kind === 'registry' ? `Looking for ${spec.name}` : `Looking into ${spec.spec}`
  return withProgress(io, what, async () => identifyPackage(spec, npm))
}

export async function identifyLink(root: string): Promise<PackageIdentity> {
  const {name, version} = await readPackage(root)
  return {name, version, source: {kind: 'link', root}, pinned: root, maintainers: []}
}

/** Installs all of these or none. With `fresh`, they replace all plugins that there are. */
export async function installPlugins(
  wanted: readonly Wanted[],
  context: PluginContext,
  {fresh = false} = {},
): Promise<Allowed[]> {
  const {config, consent, dataDir, io} = context
  const runsScripts = ({before, identity}: Wanted) =>
    identity.source.kind !== 'link' && (consent.allowScripts || before?.record?.scripts === true)
  const change = async ({directory, refill}: {directory: string; refill: () => Promise<void>}) => {
    const rootOf = ({name, source}: PackageIdentity) =>
      source.kind === 'link' ? source.root : packageRoot(directory, name)
    await unpack(wanted, directory, context, () => false)
    const allowed: Allowed[] = []
    for (const one of wanted) {
      const {before, identity} = one
      const plugin = await readPluginPackage(rootOf(identity), identity)
      if (identity.source.kind !== 'link' && !runsScripts(one))
        await checkBackends(rootOf(identity), plugin.pjson)
      allowed.push(await allowPlugin(plugin, context, before))
    }
    // Scripts run after the decision, on packages that are unpacked again.
    const scripted = wanted.filter((one) => runsScripts(one))
    if (scripted.length > 0) {
      await refill()
      await unpack(wanted, directory, context, runsScripts)
    }
    for (const {identity} of scripted)
      await checkBackends(rootOf(identity), await readPackage(rootOf(identity)))
    const entries = wanted.map((one) => entryOf(one.identity, runsScripts(one)))
    addToPluginList(directory, entries)
    return allowed
  }
  const installed = await changePlugins(dataDir, io, change, {fresh})
  await config.runHook('plugins:postinstall', {})
  return installed
}

export async function reinstallPlugins(
  plugins: readonly OwnPlugin[],
  context: PluginContext,
): Promise<Allowed[]> {
  const wanted: Wanted[] = []
  for (const plugin of plugins) {
    const identity =
      plugin.type === 'link' ? await identifyLink(plugin.root) : await identify(recordedSpec(plugin), context)
    wanted.push({identity, before: await installedBefore(plugin, context.dataDir)})
  }
  return installPlugins(wanted, context, {fresh: true})
}

export async function installedBefore(plugin: OwnPlugin, dataDir: string): Promise<InstalledBefore> {
  const {name, trust: record, type} = plugin
  const root = type === 'link' ? plugin.root : packageRoot(dataDir, name)
  const pjson = await readPackage(root).catch(() => undefined)
  return {record, version: pjson?.version, provides: pjson && (await provided(root, pjson))}
}

async function unpack(
  wanted: readonly Wanted[],
  directory: string,
  {io, npm}: PluginContext,
  runsScripts: (one: Wanted) => boolean,
): Promise<void> {
  // npm looks for a package.json in the directories around it otherwise.
  addToPluginList(directory, [])
  for (const one of wanted) {
    const {name, pinned, source, version} = one.identity
    if (source.kind === 'link') continue
    // npm would not notice damage in a directory of the same version.
    await rm(packageRoot(directory, name), {recursive: true, force: true})
    await withProgress(io, `Installing ${name}`, async () =>
      npm.install(pinned, name, directory, runsScripts(one)),
    )
    const pjson = await readPackage(packageRoot(directory, name))
    if (pjson.name !== name || pjson.version !== version || !(await isInstalled(one.identity, directory))) {
      const message = `The package that was downloaded is not ${name} ${version}; it was not installed.`
      throw new Failure('refused', message, ['Try again.'])
    }
  }
}

/** What is recorded is what the user has written: the tag or range, not the version that it meant. */
function entryOf(identity: PackageIdentity, scripts: boolean): OwnPlugin {
  const {maintainers, name, publisher, source, version} = identity
  const trust: TrustRecord = {origin: sourceText(source), publisher, maintainers, version, scripts}
  if (source.kind === 'link') return {name, type: 'link', root: source.root, trust}
  const origin = source.kind === 'registry' ? {tag: source.tag} : {url: source.url}
  return {name, type: 'user', ...origin, trust}
}
