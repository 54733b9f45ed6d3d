import {join} from 'node:path'
import {type Interfaces, Plugin} from '@oclif/core'
import {messageOf} from 'clinvk-kit/errors/failure'
import {oneLine} from 'clinvk-kit/format/text'
import {withTimeout} from 'clinvk-kit/hooks/run-hook'
import {declaredPlugins} from '../plugins/package-json.js'
import {damagedList, type OwnPlugin, TO_REPAIR_LIST} from '../plugins/plugin-list.js'
import type {PluginProblem} from './clinvk-config.js'
import {commandIssue, packageIssue} from './plugin-issues.js'

interface Loaded {
  readonly plugins: readonly Plugin[]
  readonly problems: readonly PluginProblem[]
}

/**
 * Loads what the user has installed or linked, side by side. What is broken is left out and becomes a problem: the
 * plugin, or only its commands.
 */
export async function userPlugins(
  {issue, plugins: own}: {plugins: readonly OwnPlugin[]; issue?: string},
  {dataDir, name: self}: Interfaces.Config,
): Promise<Loaded> {
  const list = join(dataDir, 'package.json')
  const loaded = await Promise.all(own.map(async (entry) => loadAll({root: list, ...entry}, entry, self)))
  const plugins = loaded.flatMap((one) => one.plugins)
  const problems = loaded.flatMap((one) => one.problems)
  if (issue !== undefined) problems.unshift({message: damagedList(dataDir, issue), hints: [TO_REPAIR_LIST]})
  for (const [index, {name, root}] of plugins.entries()) {
    if (plugins.findIndex((other) => other.name === name) === index) continue
    const message = `The plugin in ${root} is not used: another one is named ${name}, too.`
    problems.push({message, hints: ['See: clinvk plugins']})
  }
  return {plugins, problems}
}

/** A plugin and those that it declares; `listed` is what the user has installed and can remove. */
async function loadAll(
  options: Interfaces.PluginOptions,
  listed: OwnPlugin,
  self: string,
  above: readonly string[] = [],
): Promise<Loaded> {
  const plugin = new Plugin(options)
  const problems: PluginProblem[] = []
  const isLink = listed.type === 'link'
  const hints = [
    isLink ? `It is linked: repair it in ${listed.root}` : 'Try: clinvk plugins update',
    `Or remove it: clinvk plugins uninstall ${oneLine(listed.name)}`,
  ]
  // One is enough: what is missing breaks all commands alike.
  const warn = (message: string) => {
    if (problems.length === 0) problems.push({message, hints})
  }
  const leaveOutCommands = (why: string) =>
    warn(`Commands of the plugin ${oneLine(plugin.name)} are not used: ${why}.`)
  // oclif's own warning is a stack.
  Object.assign(plugin, {
    warn: (error: unknown, scope: string) =>
      scope === 'readManifest'
        ? warn(
            `The oclif.manifest.json of the plugin ${oneLine(plugin.name)} cannot be read: ${clause(error)}.`,
          )
        : leaveOutCommands(clause(error)),
  })
  try {
    await withTimeout(LOAD_TIMEOUT_MS, plugin.load(), `it is not done after ${LOAD_TIMEOUT_MS / 1000} s`)
    const issue = plugin.name === self ? `its name is that of ${self} itself` : packageIssue(plugin)
    if (issue !== undefined) throw new Error(issue)
    const ofCommands = commandIssue(plugin)
    if (ofCommands !== undefined) {
      plugin.commands = []
      plugin.pjson.oclif = {...plugin.pjson.oclif, topics: {}}
      leaveOutCommands(ofCommands)
    }
    // A manifest that oclif has not written may lack it.
    for (const command of plugin.commands) command.pluginName ??= plugin.name
    // A plugin may declare itself, or one that declares it.
    const line = [...above, plugin.name]
    const names = declaredPlugins(plugin.pjson).filter((name) => !line.includes(name))
    const children = await Promise.all(
      names.map(async (name) =>
        loadAll({name, root: plugin.root, type: listed.type, parent: plugin}, listed, self, line),
      ),
    )
    return {
      plugins: [plugin, ...children.flatMap((child) => child.plugins)],
      problems: [...problems, ...children.flatMap((child) => child.problems)],
    }
  } catch (error) {
    const place = isLink && !options.parent ? ` from ${listed.root}` : ''
    const name = oneLine(options.name ?? listed.name)
    return {
      plugins: [],
      problems: [{message: `The plugin ${name} does not load${place}: ${whyNot(plugin, error)}.`, hints}],
    }
  }
}

/** oclif reads package.json, then the manifest; its error names neither. */
function whyNot({manifest, pjson, root}: Partial<Plugin>, error: unknown): string {
  if (root === undefined) return 'it is not installed'
  const isUnreadable = error instanceof SyntaxError || error instanceof TypeError
  const file =
    pjson === undefined ? 'package.json' : manifest === undefined ? 'oclif.manifest.json' : undefined
  return isUnreadable && file !== undefined ? `its ${file} cannot be read: ${clause(error)}` : clause(error)
}

/** What an error says, without a full stop. */
function clause(error: unknown): string {
  const {code, path} = error as NodeJS.ErrnoException
  if (code === 'ENOENT' && path !== undefined) return `there is no ${path}`
  return oneLine(messageOf(error)).replace(/\.$/, '')
}

/** A plugin without a manifest is imported, and may hang. */
const LOAD_TIMEOUT_MS = 5000
