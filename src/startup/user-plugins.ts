import {type Interfaces, Plugin} from '@oclif/core'
import {oneLine} from 'clinvk-kit/format/text'
import {messageOf} from 'clinvk-kit/errors/failure'
import {withTimeout} from 'clinvk-kit/hooks/run-hook'
import {declaredPlugins} from './declared-plugins.js'
import {flawOfCommands, flawOfPackage} from './flaw-of-plugin.js'
import type {PluginProblem} from './plugin-problem.js'
import {type ListedPlugin, readPluginList} from './read-plugin-list.js'

interface Loaded {
  readonly plugins: readonly Plugin[]
  readonly problems: readonly PluginProblem[]
}

/**
 * Loads what the user has installed or linked, by the list in the file `list`,
 * side by side. What is broken is left out with a sentence: the plugin, or only its
 * commands. `self` is the name of the CLI, which no plugin may take.
 */
export async function userPlugins(list: string, text: string | Error, self: string): Promise<Loaded> {
  const {entries, problems} = readPluginList(list, text)
  const found = await Promise.all(
    entries.map((entry) => loadAll({...entry, root: entry.root ?? list}, entry, self)),
  )
  const loaded = {
    plugins: found.flatMap(({plugins}) => plugins),
    problems: found.flatMap(({problems}) => problems),
  }
  const twice = loaded.plugins.filter(
    ({name}, index) => loaded.plugins.findIndex((other) => other.name === name) < index,
  )
  return {
    plugins: loaded.plugins,
    problems: [...problems, ...loaded.problems, ...twice.map((plugin) => takenName(plugin))],
  }
}

/** A plugin and those that it brings along; `listed` is what the user knows of and can remove. */
async function loadAll(
  options: Interfaces.PluginOptions,
  listed: Pick<ListedPlugin, 'name' | 'type' | 'root'>,
  self: string,
  above: readonly string[] = [],
): Promise<Loaded> {
  const plugin = new Plugin(options)
  const problems: PluginProblem[] = []
  // oclif's own warning is a stack. One is enough: what is missing breaks all commands alike.
  const warn = (error: unknown, scope: string) => {
    if (problems.length > 0) return
    const message = `The oclif.manifest.json of the plugin ${oneLine(plugin.name)} cannot be read: ${said(error)}.`
    problems.push(
      scope === 'readManifest' ? {message, hints: hintsOn(listed)} : damaged(plugin, said(error), listed),
    )
  }

  try {
    Object.assign(plugin, {warn})
    await withTimeout(LOADING_MS, plugin.load(), `it is not done after ${LOADING_MS / 1000} s`)
    const flaw = plugin.name === self ? `its name is that of ${self} itself` : flawOfPackage(plugin)
    if (flaw !== undefined) throw new Error(flaw)
    const commands = flawOfCommands(plugin)
    if (commands !== undefined) {
      plugin.commands = []
      plugin.pjson.oclif = {...plugin.pjson.oclif, topics: {}}
      problems.push(damaged(plugin, commands, listed))
    }

    // A manifest that somebody else has written need not say it.
    for (const command of plugin.commands) command.pluginName ??= plugin.name
    // A plugin may declare itself, or one that declares it.
    const line = [...above, plugin.name]
    const children = await Promise.all(
      declaredPlugins(plugin.pjson)
        .filter((name) => !line.includes(name))
        .map((name) =>
          loadAll({name, root: plugin.root, type: listed.type, parent: plugin}, listed, self, line),
        ),
    )
    return {
      plugins: [plugin, ...children.flatMap(({plugins}) => plugins)],
      problems: [...problems, ...children.flatMap((child) => child.problems)],
    }
  } catch (error) {
    const place = listed.type === 'link' && !options.parent ? ` from ${listed.root}` : ''
    const message = `The plugin ${oneLine(options.name ?? listed.name)} does not load${place}: ${whyNot(plugin, error)}.`
    return {plugins: [], problems: [{message, hints: hintsOn(listed)}]}
  }
}

function damaged({name}: Plugin, flaw: string, listed: Pick<ListedPlugin, 'name' | 'root'>): PluginProblem {
  return {message: `Commands of the plugin ${oneLine(name)} are not used: ${flaw}.`, hints: hintsOn(listed)}
}

function takenName({name, root}: Plugin): PluginProblem {
  return {
    message: `The plugin in ${root} is not used: another one is named ${name}, too.`,
    hints: ['See: clinvk plugins'],
  }
}

/** oclif reads package.json, then the manifest, and says of neither which one it was. */
function whyNot({manifest, pjson, root}: Partial<Plugin>, error: unknown): string {
  if (root === undefined) return 'it is not installed'
  const isRead = error instanceof SyntaxError || error instanceof TypeError
  if (isRead && pjson === undefined) return `its package.json cannot be read: ${said(error)}`
  if (isRead && manifest === undefined) return `its oclif.manifest.json cannot be read: ${said(error)}`
  return said(error)
}

function hintsOn({name, root}: Pick<ListedPlugin, 'name' | 'root'>): string[] {
  const repair = root === undefined ? 'Try: clinvk plugins update' : `It is linked: repair it in ${root}`
  return [repair, `Or remove it: clinvk plugins uninstall ${oneLine(name)}`]
}

/** A full stop comes after it. */
function said(error: unknown): string {
  const {code, path} = error as NodeJS.ErrnoException
  if (code === 'ENOENT' && path !== undefined) return `there is no ${path}`
  return oneLine(messageOf(error)).replace(/\.$/, '')
}

/** A plugin without a manifest is imported, and may hang. */
const LOADING_MS = 5000
