import {oneLine} from 'clinvk-kit/format/text'
import {table} from 'clinvk-kit/format/table'
import {type PluginDetails, type PluginInfo, whereFrom} from './plugin-info.js'

/** A line for each plugin. */
export function pluginTable(plugins: readonly PluginInfo[], terminalWidth?: number): string {
  const rows = plugins.map((plugin) => [
    plugin.name,
    plugin.version ?? '-',
    plugin.problem === undefined ? contents(plugin) : `not used: ${oneLine(plugin.problem)}`,
    whereFrom(plugin),
  ])
  return table(COLUMNS, rows, terminalWidth)
}

/** A line for each fact about one plugin. */
export function pluginText(plugin: PluginDetails): string {
  const dependencies = Object.entries(plugin.dependencies)
  const rows: [string, string | undefined][] = [
    ['name', plugin.name],
    ['version', plugin.version],
    ['about', plugin.description],
    ['origin', plugin.from],
    ['published by', plugin.publisher],
    ['maintainers', plugin.maintainers?.join(', ')],
    ['scripts', plugin.scripts_allowed ? 'they may run during installation' : undefined],
    ['folder', plugin.root],
    ['backends', plugin.backends.join(', ')],
    ['commands', plugin.commands.join(', ')],
    ['hooks', plugin.hooks.join(', ')],
    ['needs', dependencies.map(([name, version]) => `${name} ${version ?? '(missing)'}`).join(', ')],
    ['problem', plugin.problem],
  ]
  return rows
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([label, value]) => `${label.padEnd(LABEL_WIDTH)}${oneLine(value!)}\n`)
    .join('')
}

function contents({backends, commands}: PluginInfo): string {
  const parts = [
    ...backends.map((name) => `backend ${name}`),
    ...(commands.length === 0 ? [] : [commands.length === 1 ? '1 command' : `${commands.length} commands`]),
  ]
  return parts.length === 0 ? '-' : parts.join(', ')
}

const COLUMNS = ['PLUGIN', 'VERSION', 'CONTENTS', 'FROM'].map((title) => ({title, width: 0}))
const LABEL_WIDTH = 14
