import {rm} from 'node:fs/promises'
import {Plugin} from '@oclif/core'
import {Failure, messageOf} from 'clinvk-kit/errors/failure'
import {withTimeout} from 'clinvk-kit/hooks/run-hook'
import {allow, type Allowed} from './allow.js'
import {checkBackends, checkPackage} from './check-plugin.js'
import {identifyPackage, isUnpacked, type PackageIdentity} from './identify-package.js'
import {npmFailure} from './npm-error.js'
import {readPackage} from './package-json.js'
import type {PackageSpec} from './package-spec.js'
import {type PluginContext, withProgress} from './plugin-context.js'
import {entryOf, listPlugin} from './plugin-list.js'
import {packageRoot, readPluginPackage} from './plugin-package.js'
import {changePlugins, type Staging} from './staging.js'
import type {InstalledBefore} from './trust-policy.js'
import {recordOf, recordTrust} from './trust-record.js'

/** A package to install, or a directory to link. */
export interface Wanted {
  readonly identity: PackageIdentity
  /** What is installed now. Given when a plugin is updated or installed again. */
  readonly before?: InstalledBefore
}

export async function identify(
  spec: PackageSpec,
  {dataDir, io, npm}: PluginContext,
): Promise<PackageIdentity> {
  const what = spec.kind === 'registry' ? `Looking for ${spec.name}` : `Unpacking ${spec.spec}`
  return withProgress(io, what, async () => identifyPackage(spec, npm, dataDir))
}

/** Installs all of these or none. With `fresh`, they replace all plugins that there are. */
export async function installPlugins(
  wanted: readonly Wanted[],
  context: PluginContext,
  {fresh = false} = {},
): Promise<Allowed[]> {
  const {consent, dataDir, io} = context
  const runsScripts = ({before}: Wanted) => consent.allowScripts || before?.record?.scripts === true
  const installed = await changePlugins(dataDir, async (staging) => {
    const start = async () => (fresh ? staging.clear() : staging.copyCurrent())
    await start()
    await unpack(wanted, staging, context, () => false)
    const allowed: Allowed[] = []
    for (const {before, identity} of wanted) {
      const root = rootOf(identity, staging.directory)
      const plugin = await readPluginPackage(root, identity)
      checkPackage(root, plugin.pjson)
      if (identity.source.kind !== 'link' && !runsScripts({identity, before}))
        await checkBackends(root, plugin.pjson)
      allowed.push(await allow(plugin, context, before))
    }

    // Scripts run after the decision, on packages that are unpacked again.
    const scripted = wanted.filter((one) => runsScripts(one))
    if (scripted.length > 0) {
      await start()
      await unpack(wanted, staging, context, runsScripts)
    }

    for (const {identity} of scripted) {
      const root = rootOf(identity, staging.directory)
      const {pjson} = await readPluginPackage(root, identity)
      await checkBackends(root, pjson)
    }

    for (const one of wanted) {
      const {name, source} = one.identity
      await listPlugin(staging.directory, entryOf(name, source))
      await recordTrust(staging.directory, {[name]: recordOf(one.identity, runsScripts(one), io.now())})
    }

    return allowed
  })
  await activate(wanted, context)
  return installed
}

async function unpack(
  wanted: readonly Wanted[],
  {directory}: Staging,
  {io, npm}: PluginContext,
  runsScripts: (one: Wanted) => boolean,
): Promise<void> {
  await listPlugin(directory)
  for (const one of wanted) {
    const {name, pinned, source, version} = one.identity
    if (source.kind === 'link') continue
    // npm would not notice damage in a directory of the same version.
    await rm(packageRoot(directory, name), {recursive: true, force: true})
    try {
      await withProgress(io, `Installing ${name}`, async () =>
        npm.install(pinned, directory, {allowScripts: runsScripts(one)}),
      )
    } catch (error) {
      throw npmFailure(error, name)
    }

    const pjson = await readPackage(packageRoot(directory, name))
    if (pjson.name !== name || pjson.version !== version || !(await isUnpacked(one.identity, directory)))
      throw new Failure('refused', `The package that came is not ${name} ${version}; it was not installed.`, [
        'Try again.',
      ])
  }
}

/** Makes new plugins known to this process, then tells all plugins. */
async function activate(wanted: readonly Wanted[], {config, dataDir, io}: PluginContext): Promise<void> {
  for (const {identity} of wanted) {
    const {name, source} = identity
    const type = source.kind === 'link' ? 'link' : 'user'
    const plugin = new Plugin({name, root: rootOf(identity, dataDir), type})
    try {
      // oclif imports the commands of a plugin that has no manifest.
      await withTimeout(LOAD_TIMEOUT_MS, plugin.load(), `it is not done after ${LOAD_TIMEOUT_MS / 1000} s`)
      config.plugins.set(name, plugin)
    } catch (error) {
      io.stderr.write(`Note: ${name} does not load: ${messageOf(error)}\n`)
    }
  }

  await config.runHook('plugins:postinstall', {})
}

function rootOf({name, source}: PackageIdentity, dataDir: string): string {
  return source.kind === 'link' ? source.root : packageRoot(dataDir, name)
}

const LOAD_TIMEOUT_MS = 5000
