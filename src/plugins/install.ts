import {rm} from 'node:fs/promises'
import {Plugin} from '@oclif/core'
import {Failure} from 'clinvk-kit/failure'
import {hear} from 'clinvk-kit/hear'
import {messageOf} from 'clinvk-kit/message-of'
import {within} from 'clinvk-kit/within'
import {checkBackends, checkPackage} from './check-plugin.js'
import {confirmInstall} from './confirm-install.js'
import {conflicts} from './conflicts.js'
import {identifyPackage, isUnpacked, type PackageIdentity} from './identify-package.js'
import {npmFailure} from './npm-error.js'
import type {PackageSpec} from './package-spec.js'
import {type PluginContext, withProgress} from './plugin-context.js'
import {entryOf, listPlugin} from './plugin-list.js'
import {packageRoot, type PluginPackage, readPluginPackage} from './plugin-package.js'
import {changePlugins, type Staging} from './staging.js'
import {decide, type InstalledBefore} from './trust-policy.js'
import {recordOf, recordTrust} from './trust-record.js'

/** A plugin that has been installed or linked. */
export interface Installed {
  readonly plugin: PluginPackage
  /** What it replaces, a phrase each. */
  readonly replaces: readonly string[]
  /** What has changed since the last installation, where nobody was asked. */
  readonly note?: string
}

/** Installs all of these or none. */
export async function installPlugins(
  specs: readonly PackageSpec[],
  context: PluginContext,
): Promise<Installed[]> {
  const identities: PackageIdentity[] = []
  for (const spec of specs) identities.push(await identify(spec, context))
  return installIdentified(identities, context)
}

export async function identify(spec: PackageSpec, {dataDir, io, npm}: PluginContext): Promise<PackageIdentity> {
  const what = spec.kind === 'registry' ? `Looking for ${spec.name}` : `Unpacking ${spec.spec}`
  return withProgress(io, what, async () => identifyPackage(spec, npm, dataDir))
}

/** `before` is given for an update: what is installed now. */
export async function installIdentified(
  identities: readonly PackageIdentity[],
  context: PluginContext,
  before?: InstalledBefore,
): Promise<Installed[]> {
  const {consent, dataDir} = context
  const allowScripts = consent.allowScripts || before?.record?.scripts === true
  const installed = await changePlugins(dataDir, async (staging) => {
    await unpack(identities, staging, context, false)
    const allowed: Installed[] = []
    for (const identity of identities) {
      const root = packageRoot(staging.directory, identity.name)
      const plugin = await readPluginPackage(root, identity)
      checkPackage(root, plugin.pjson)
      if (!allowScripts) await checkBackends(root, plugin.pjson)
      allowed.push(await allow(plugin, context, before))
    }

    // Scripts run after the decision, in a tree that is unpacked again.
    if (allowScripts) await unpack(identities, staging, context, true)
    for (const {plugin} of allowed) {
      if (allowScripts) await checkBackends(packageRoot(staging.directory, plugin.name), plugin.pjson)
      await register(plugin, staging.directory, allowScripts, context)
    }

    return allowed
  })
  for (const {plugin} of installed)
    await activate(new Plugin({name: plugin.name, root: packageRoot(dataDir, plugin.name), type: 'user'}), context)
  return installed
}

/** Asks the trust policy, the user where it says so, and the other plugins. Throws a Failure when one denies. */
export async function allow(
  plugin: PluginPackage,
  context: PluginContext,
  before?: InstalledBefore,
): Promise<Installed> {
  const {config, trust} = context
  const decision = decide(plugin, trust, before)
  if (decision.kind === 'deny') throw decision.failure
  const replaces = conflicts(plugin, config)
  if (decision.kind === 'ask') await confirmInstall(plugin, replaces, context, decision.reason)
  await askOtherPlugins(plugin, context)
  return {plugin, replaces, note: decision.kind === 'allow' ? decision.note : undefined}
}

/** Writes an allowed plugin to the list in a staging directory. */
export async function register(
  identity: PackageIdentity,
  staging: string,
  allowScripts: boolean,
  {io}: PluginContext,
): Promise<void> {
  const {name, source} = identity
  await listPlugin(staging, entryOf(name, source))
  await recordTrust(staging, {[name]: recordOf(identity, allowScripts, io.now())})
}

/** Makes an installed plugin known to this process, and tells all plugins. */
export async function activate(plugin: Plugin, {config, io}: PluginContext): Promise<void> {
  const {name = ''} = plugin.options
  try {
    // Without a manifest, oclif imports its commands.
    await within(LOAD_TIMEOUT_MS, plugin.load(), `it is not done after ${LOAD_TIMEOUT_MS / 1000} s`)
    config.plugins.set(name, plugin)
  } catch (error) {
    io.stderr.write(`Note: ${name} does not load: ${messageOf(error)}\n`)
  }

  await config.runHook('plugins:postinstall', {})
}

async function unpack(
  identities: readonly PackageIdentity[],
  staging: Staging,
  {io, npm}: PluginContext,
  allowScripts: boolean,
): Promise<void> {
  const {directory} = staging
  await staging.copyCurrent()
  await listPlugin(directory)
  for (const identity of identities) {
    const {name, pinned, version} = identity
    // npm would not notice damage in a directory of the same version.
    await rm(packageRoot(directory, name), {recursive: true, force: true})
    await withProgress(io, `Installing ${name}`, async () => npm.install(pinned, directory, {allowScripts})).catch(
      (error: unknown) => {
        throw npmFailure(error, name)
      },
    )
    if (!(await isUnpacked(identity, directory)))
      throw new Failure('refused', `The package that came is not ${name} ${version}; it was not installed.`, [
        'Try again.',
      ])
  }
}

/** oclif ignores errors of this hook. Here a plugin that fails has refused. */
async function askOtherPlugins({name, pinned, source}: PluginPackage, {config}: PluginContext): Promise<void> {
  // `plugin` is what oclif's own command passes. `decided` tells our own hook that the trust policy was asked.
  const plugin =
    source.kind === 'registry'
      ? {type: 'npm' as const, name, tag: source.tag}
      : {type: 'repo' as const, url: pinned}
  const {failures} = await hear(config, 'plugins:preinstall', {decided: true, plugin}, HOOK_TIMEOUT_MS)
  const [failure] = failures
  if (failure) throw new Failure('refused', `${failure.plugin} refuses ${name}: ${failure.message}`)
}

const HOOK_TIMEOUT_MS = 30_000
const LOAD_TIMEOUT_MS = 5000
