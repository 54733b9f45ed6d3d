import type {Interfaces} from '@oclif/core'
import {backendsOf} from 'clinvk-kit/backends/discover'
import {Failure} from 'clinvk-kit/errors/failure'
import {visibleLine} from 'clinvk-kit/format/visible'
import {runHook} from 'clinvk-kit/hooks/run-hook'
import {askYes} from 'clinvk-kit/format/ask-yes'
import {sourceText} from './package-identity.js'
import {isOfficial, nearOfficial} from './package-names.js'
import type {PluginContext} from './plugin-context.js'
import type {PluginPackage} from './plugin-package.js'
import {decide, type InstalledBefore, PARTS} from './trust-policy.js'

export interface Allowed {
  readonly plugin: PluginPackage
  /** What it replaces, a phrase each: `the backend echo of clinvk-backend-echo 0.1.0`. */
  readonly replaces: readonly string[]
  /** What has changed since the last installation, where nobody was asked. */
  readonly note?: string
}

/** Asks the trust policy, the user if need be, and the other plugins. Throws a Failure when one denies. */
export async function allowPlugin(
  plugin: PluginPackage,
  context: PluginContext,
  before?: InstalledBefore,
): Promise<Allowed> {
  const decision = decide(plugin, context.trust, before)
  if (decision.kind === 'deny') throw decision.failure
  const replaces = await conflicts(plugin, context.config)
  if (decision.kind === 'ask') await confirmInstall(plugin, replaces, context, decision.reason)
  const {name, pinned, source} = plugin
  const {failures} = await runHook(
    context.config,
    'plugins:preinstall',
    // As oclif's own command asks.
    {plugin: source.kind === 'registry' ? {type: 'npm', name, tag: source.tag} : {type: 'repo', url: pinned}},
    HOOK_TIMEOUT_MS,
  )
  const [failure] = failures
  if (failure) throw new Failure('refused', `${failure.plugin} refuses ${name}: ${failure.message}`)
  return {plugin, replaces, note: decision.kind === 'allow' ? decision.note : undefined}
}

/** Asks the user whether a plugin may be installed. Throws a Failure when not, or when there is no terminal. */
export async function confirmInstall(
  plugin: PluginPackage,
  replaces: readonly string[],
  {consent: {allowScripts, command, yes}, io}: Pick<PluginContext, 'consent' | 'io'>,
  reason?: string,
): Promise<void> {
  if (yes) return
  const {name, source, version} = plugin
  const lines = [...facts(plugin, replaces, allowScripts), WARNING]
  if (!io.stdin.isTTY || !io.stderr.isTTY) {
    const why = isOfficial(name) ? OFFICIAL_NAME : 'is not an official plugin'
    throw new Failure('usage', reason ?? `${name} ${version} ${why}. It needs your consent.`, [
      ...lines,
      `If you trust it: ${command} --yes`,
    ])
  }
  const title = reason === undefined ? '' : `${reason}\n`
  io.stderr.write(`${title}${name} ${version}\n${lines.map((line) => `  ${line}\n`).join('')}`)
  if (!(await askYes(`${source.kind === 'link' ? 'Link' : 'Install'} it?`, io)))
    throw new Failure('cancelled', 'Nothing was changed.')
}

function facts(plugin: PluginPackage, replaces: readonly string[], allowScripts: boolean): string[] {
  const {name, publishedAt, scripts, source} = plugin
  const isRegistry = source.kind === 'registry'
  const dependencies = Object.keys(plugin.pjson.dependencies ?? {}).length
  const date = publishedAt === undefined ? '' : `, ${publishedAt.slice(0, 10)}`
  const near = nearOfficial(name)
  const rows: [label: string, value: string | undefined][] = [
    ['from', sourceText(source)],
    ['published by', isRegistry ? `${plugin.publisher ?? 'unknown'}${date}` : undefined],
    ['maintainers', isRegistry ? plugin.maintainers.join(', ') : undefined],
    ['repository', plugin.repository],
    ['dependencies', dependencies === 0 ? 'none' : String(dependencies)],
    ...PARTS.map((part): [string, string] => [part, plugin.provides[part].join(', ')]),
    [
      'scripts',
      scripts.length === 0
        ? undefined
        : `${scripts.join(', ')}: ${allowScripts ? 'they run during installation' : 'they will not run'}`,
    ],
    ...replaces.map((what): [string, string] => ['replaces', what]),
    ['deprecated', plugin.deprecated],
    ['warning', isOfficial(name) && !isRegistry ? `it ${OFFICIAL_NAME}` : undefined],
    ['warning', near && `the official plugin is ${near}`],
  ]
  return rows.flatMap(([label, value]) => (value ? [`${label.padEnd(13)}${visibleLine(value)}`] : []))
}

async function conflicts({name, provides}: PluginPackage, config: Interfaces.Config): Promise<string[]> {
  const {backends} = await backendsOf(config)
  const packages = [name, ...provides.plugins]
  return [
    ...packages.flatMap((one) => {
      const other = config.plugins.get(one)
      return other ? `${one} ${other.version}${other.type === 'core' ? ', which came with clinvk' : ''}` : []
    }),
    ...provides.backends.flatMap((backend) => {
      const other = backends.get(backend)
      if (other === undefined || packages.includes(other.plugin)) return []
      return `the backend ${backend} of ${other.plugin} ${other.pluginVersion}`
    }),
  ]
}

const OFFICIAL_NAME = 'has the name of an official plugin, but does not come from the registry'
const WARNING = "A plugin runs its author's code with all your rights, whenever you use clinvk."
const HOOK_TIMEOUT_MS = 30_000
