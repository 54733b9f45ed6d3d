import {existsSync} from 'node:fs'
import type {Interfaces} from '@oclif/core'
import {Plugin} from '@oclif/core/config'
import {messageOf} from 'clinvk-kit/errors/failure'
import {oneLine, quoteCommand} from 'clinvk-kit/format/text'
import {withTimeout} from 'clinvk-kit/hooks/run-hook'
import {declaredPlugins} from '../plugins/package-json.js'
import {damagedList, type OwnPlugin, packageRoot, TO_REPAIR_LIST} from '../plugins/plugin-list.js'
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
  const loaded = await Promise.all(own.map(async (entry) => loadTree(entry, dataDir, self)))
  const plugins = loaded.flatMap((one) => one.plugins)
  const problems = loaded.flatMap((one) => one.problems)
  if (issue !== undefined) problems.unshift({message: damagedList(dataDir, issue), hints: [TO_REPAIR_LIST]})
  for (const [index, {name, root}] of plugins.entries()) {
    const first = plugins.findIndex((other) => other.name === name)
    if (first === index || plugins[first]!.root === root) continue
    const message = `The plugin in ${root} is not used: another one is named ${name}, too.`
    problems.push({message, hints: ['See: clinvk plugins']})
  }
  return {plugins, problems}
}

/** A plugin that the user has installed or linked, and those that it declares. */
async function loadTree(listed: OwnPlugin, dataDir: string, self: string): Promise<Loaded> {
  const installed = packageRoot(dataDir, listed.name)
  const root = listed.type === 'link' ? listed.root : existsSync(installed) ? installed : undefined
  const top = await load(listed.name, root, listed, self)
  const [plugin] = top.plugins
  const below = plugin ? await declaredPlugins({root: plugin.root, pjson: plugin.pjson}) : []
  const all = [
    top,
    ...(await Promise.all(below.map(({found, name}) => load(name, found?.root, listed, self)))),
  ]
  return {plugins: all.flatMap((one) => one.plugins), problems: all.flatMap((one) => one.problems)}
}

/** Loads one; `listed` is what the user can remove. */
async function load(
  name: string,
  root: string | undefined,
  listed: OwnPlugin,
  self: string,
): Promise<Loaded> {
  // oclif looks for the root of what is not linked, and may find another package.json than the one that was judged.
  const plugin = new Plugin({name, root: root!, type: 'link'})
  const problems: PluginProblem[] = []
  const isLink = listed.type === 'link'
  const hints = [
    isLink ? `It is linked: repair it in ${listed.root}` : 'Try: clinvk plugins update',
    `Or remove it: ${quoteCommand(['clinvk', 'plugins', 'uninstall', listed.name])}`,
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
    if (root === undefined) throw new Error('it is not installed')
    await withTimeout(LOAD_TIMEOUT_MS, plugin.load())
    const issue = plugin.name === self ? `its name is that of ${self} itself` : packageIssue(plugin)
    if (issue !== undefined) throw new Error(issue)
    const ofCommands = commandIssue(plugin)
    if (ofCommands !== undefined) {
      plugin.commands = []
      plugin.pjson.oclif = {...plugin.pjson.oclif, topics: {}}
      leaveOutCommands(ofCommands)
    }
    plugin.type = listed.type
    // A manifest may say anything.
    for (const command of plugin.commands)
      Object.assign(command, {pluginName: plugin.name, pluginType: listed.type})
    return {plugins: [plugin], problems}
  } catch (error) {
    const place = isLink && root === listed.root ? ` from ${root}` : ''
    const message = `The plugin ${oneLine(name)} does not load${place}: ${whyNot(plugin, error)}.`
    return {plugins: [], problems: [{message, hints}]}
  }
}

/** oclif reads package.json, then the manifest; its error names neither. */
function whyNot({manifest, pjson}: Partial<Plugin>, error: unknown): string {
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
