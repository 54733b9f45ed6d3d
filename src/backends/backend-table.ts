import {table} from 'clinvk-kit/format/table'
import {isAgent} from 'clinvk-kit/backends/not-installed'
import type {BackendStatus} from './backend-status.js'
import {adviceOn} from './advice.js'
import {foundAt, replacement, signIn, version} from './words.js'

/** Backends for people, a line each, and below what to do about those that cannot be used. */
export function backendTable(
  statuses: readonly BackendStatus[],
  home: string | undefined,
  terminalWidth?: number,
): string {
  const rows = statuses.map((status) => [
    status.isDefault ? `${status.entry.name} *` : status.entry.name,
    status.entry.descriptor.title,
    version(status),
    signIn(status),
    status.entry.pluginVersion,
    isAgent(status.entry) ? foundAt(status, home) : `in ${status.entry.plugin}`,
  ])
  const advice = statuses.flatMap((status) => {
    const replaced = replacement(status.entry)
    const lines = [...(replaced === undefined ? [] : [replaced]), ...adviceOn(status)]
    return lines.map((line) => `${status.entry.name}: ${line}`)
  })
  const notes = [
    ...(statuses.some(({isDefault}) => isDefault) ? ['* the default'] : []),
    ...advice,
    'More of one: clinvk backends NAME',
  ]
  return `${table(COLUMNS, rows, terminalWidth)}\n${notes.map((line) => `${line}\n`).join('')}`
}

const COLUMNS = ['NAME', 'AGENT', 'VERSION', 'SIGN-IN', 'PLUGIN', 'FOUND'].map((title) => ({title, width: 0}))
