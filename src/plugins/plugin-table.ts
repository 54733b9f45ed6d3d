import {oneLine} from 'clinvk-kit/format/one-line'
import {table} from 'clinvk-kit/format/table'
import type {Described} from './described.js'

/** Plugins for people, a line each. */
export function pluginTable(plugins: readonly Described[], terminalWidth?: number): string {
  const rows = plugins.map((plugin) => [
    plugin.name,
    plugin.version ?? '-',
    plugin.problem === undefined ? brings(plugin) : `not used: ${oneLine(plugin.problem)}`,
    cameFrom(plugin),
  ])
  return table(COLUMNS, rows, terminalWidth)
}

/** Where a plugin is from, in a few words. */
export function cameFrom({root, tag, type, url}: Described): string {
  switch (type) {
    case 'core':
      return 'came with clinvk'
    case 'link':
      return `linked to ${root}`
    case 'user':
      return url ?? (tag === undefined || tag === 'latest' ? 'the registry' : `the registry, ${tag}`)
  }
}

function brings({backends, commands}: Described): string {
  const parts = [
    ...backends.map((name) => `backend ${name}`),
    ...(commands.length === 0 ? [] : [commands.length === 1 ? '1 command' : `${commands.length} commands`]),
  ]
  return parts.length === 0 ? '-' : parts.join(', ')
}

const COLUMNS = ['PLUGIN', 'VERSION', 'BRINGS', 'FROM'].map((title) => ({title, width: 0}))
