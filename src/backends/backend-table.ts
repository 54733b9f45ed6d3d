import {isAgent} from 'clinvk-kit/backends/find-executable'
import {table} from 'clinvk-kit/format/table'
import {agentVersionNotice} from 'clinvk-kit/turn/agent-version'
import type {BackendStatus} from './backend-status.js'

/** Backends for people, a line each, and what to do about those that cannot be used. */
export function backendTable(
  statuses: readonly BackendStatus[],
  home: string | undefined,
  terminalWidth?: number,
): string {
  const rows = statuses.map((status) => [
    status.isDefault ? `${status.entry.name} *` : status.entry.name,
    status.entry.descriptor.title,
    versionLabel(status),
    signInLabel(status),
    status.entry.pluginVersion,
    isAgent(status.entry) ? pathLabel(status, home) : `in ${status.entry.plugin}`,
  ])
  const notes = [
    ...(statuses.some(({isDefault}) => isDefault) ? ['* the default'] : []),
    ...statuses.flatMap((status) =>
      [...replacementNotes(status.entry), ...adviceOn(status)].map((line) => `${status.entry.name}: ${line}`),
    ),
    'Details of one: clinvk backends NAME',
  ]
  return `${table(COLUMNS, rows, terminalWidth)}\n${notes.map((line) => `${line}\n`).join('')}`
}

/** The agent's version, or why there is none. */
export function versionLabel({isEnabled, report, standing}: BackendStatus): string {
  if (!isEnabled) return 'switched off'
  if (report.broken !== undefined) return 'broken plugin'
  if (report.executable === undefined) return 'not installed'
  return [report.version ?? 'unknown', ...(standing === undefined ? [] : [standing])].join(' ')
}

export function signInLabel({signedIn}: BackendStatus): string {
  if (signedIn === undefined) return '-'
  return signedIn === 'unknown' ? 'unknown' : signedIn ? 'signed in' : 'not signed in'
}

/** The path of the agent's program, with `~` for the home directory. */
export function pathLabel({report: {executable}}: BackendStatus, home: string | undefined): string {
  const path = executable?.leading[0] ?? executable?.file
  if (path === undefined) return '-'
  return home && path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path
}

/** A backend that replaces another one is always named. */
export function replacementNotes({plugin, pluginVersion, replaces}: BackendStatus['entry']): string[] {
  if (replaces === undefined) return []
  const other = replaces === plugin ? 'the one that came with clinvk' : replaces
  return [`${plugin} ${pluginVersion} is used instead of ${other}`]
}

/** What a user should know of a backend that cannot be used as it is, and what to do. */
export function adviceOn({entry: {descriptor, name, plugin}, isEnabled, report}: BackendStatus): string[] {
  if (!isEnabled) return [`switched off by backends.${name}.enabled in the settings`]
  if (report.broken !== undefined) return [report.broken, `it comes from ${plugin}`]
  if (report.executable === undefined) return [`to install it: ${descriptor.install}`]
  const {detail, problems, signedIn, version} = report
  const signIn = signedIn === false && descriptor.signIn !== undefined && `to sign in: ${descriptor.signIn}`
  const lines = [agentVersionNotice(version, descriptor), ...problems, signIn, detail]
  return lines.filter((line) => typeof line === 'string')
}

const COLUMNS = ['NAME', 'AGENT', 'VERSION', 'SIGN-IN', 'PLUGIN', 'FOUND'].map((title) => ({title, width: 0}))
