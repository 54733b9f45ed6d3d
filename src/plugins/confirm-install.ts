import {Failure} from 'clinvk-kit/errors/failure'
import {oneLine} from 'clinvk-kit/format/text'
import {sourceText} from './identify-package.js'
import {isOfficial, nearOfficial} from './official.js'
import type {PluginContext} from './plugin-context.js'
import type {PluginPackage} from './plugin-package.js'

/** Asks the user whether a plugin may be installed. Throws a Failure when not, or when there is no terminal. */
export async function confirmInstall(
  plugin: PluginPackage,
  replaces: readonly string[],
  {consent: {allowScripts, command, yes}, io}: PluginContext,
  reason?: string,
): Promise<void> {
  if (yes) return
  const title = `${plugin.name} ${plugin.version}`
  const lines = [...facts(plugin, replaces, allowScripts), WARNING]
  if (!io.stdin.isTTY || !io.stderr.isTTY) {
    const why = isOfficial(plugin.name)
      ? 'has the name of an official plugin, but does not come from the registry'
      : 'is not an official plugin'
    throw new Failure('usage', reason ?? `${title} ${why}. It needs your consent.`, [
      ...lines,
      `If you trust it: ${command} --yes`,
    ])
  }

  const {askYes} = await import('../output/ask-yes.js')
  const verb = plugin.source.kind === 'link' ? 'Link' : 'Install'
  io.stderr.write(
    [...(reason === undefined ? [] : [reason]), title, ...lines.map((line) => `  ${line}`), ''].join('\n'),
  )
  if (!(await askYes(`${verb} it?`, io))) throw new Failure('cancelled', 'Nothing was changed.')
}

/** What is known about a plugin, one fact a line. */
function facts(plugin: PluginPackage, replaces: readonly string[], allowScripts: boolean): string[] {
  const {deprecated, name, pjson, provides, repository, scripts, source} = plugin
  const dependencies = Object.keys(pjson.dependencies ?? {}).length
  const near = nearOfficial(name)
  const rows: [string, string | undefined][] = [
    ['from', sourceText(source)],
    ...(source.kind === 'registry' ? accounts(plugin) : []),
    ['repository', repository],
    ['dependencies', dependencies === 0 ? 'none' : String(dependencies)],
    ['plugins', provides.plugins.join(', ')],
    [
      'scripts',
      scripts.length === 0
        ? undefined
        : `${scripts.join(', ')}: ${allowScripts ? 'they run during installation' : 'they will not run'}`,
    ],
    ...replaces.map((what): [string, string] => ['replaces', what]),
    ['deprecated', deprecated],
    [
      'warning',
      isOfficial(name) && source.kind !== 'registry'
        ? 'it has the name of an official plugin, but does not come from the registry'
        : undefined,
    ],
    ['warning', near && `the official plugin is ${near}`],
  ]
  return rows
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([label, value]) => `${label.padEnd(LABEL_WIDTH)}${oneLine(value!)}`)
}

function accounts({maintainers, publishedAt, publisher}: PluginPackage): [string, string][] {
  const date = publishedAt === undefined ? '' : `, ${publishedAt.slice(0, 10)}`
  return [
    ['published by', `${publisher ?? 'unknown'}${date}`],
    ['maintainers', maintainers.join(', ')],
  ]
}

const WARNING = "A plugin runs its author's code with all your rights, whenever you use clinvk."
const LABEL_WIDTH = 13
