import {Failure} from 'clinvk-kit/errors/failure'
import {runHook} from 'clinvk-kit/hooks/run-hook'
import {confirmInstall} from './confirm-install.js'
import {conflicts} from './conflicts.js'
import type {PluginContext} from './plugin-context.js'
import type {PluginPackage} from './plugin-package.js'
import {decide, type InstalledBefore} from './trust-policy.js'

/** A plugin that may be installed. */
export interface Allowed {
  readonly plugin: PluginPackage
  /** What it replaces, a phrase each. */
  readonly replaces: readonly string[]
  /** What has changed since the last installation, where nobody was asked. */
  readonly note?: string
}

/** Asks the trust policy, the user where the policy says so, and the other plugins. Throws a Failure when one denies. */
export async function allow(
  plugin: PluginPackage,
  context: PluginContext,
  before?: InstalledBefore,
): Promise<Allowed> {
  const decision = decide(plugin, context.trust, before)
  if (decision.kind === 'deny') throw decision.failure
  const replaces = await conflicts(plugin, context.config)
  if (decision.kind === 'ask') await confirmInstall(plugin, replaces, context, decision.reason)
  await askOtherPlugins(plugin, context)
  return {plugin, replaces, note: decision.kind === 'allow' ? decision.note : undefined}
}

/** oclif ignores errors of this hook. Here a plugin that fails has refused. */
async function askOtherPlugins(
  {name, pinned, source}: PluginPackage,
  {config}: PluginContext,
): Promise<void> {
  // `plugin` is what oclif's own command passes. `decided` tells our own hook that the trust policy was asked.
  const plugin =
    source.kind === 'registry'
      ? {type: 'npm' as const, name, tag: source.tag}
      : {type: 'repo' as const, url: pinned}
  const {failures} = await runHook(config, 'plugins:preinstall', {decided: true, plugin}, HOOK_TIMEOUT_MS)
  const [failure] = failures
  if (failure) throw new Failure('refused', `${failure.plugin} refuses ${name}: ${failure.message}`)
}

const HOOK_TIMEOUT_MS = 30_000
