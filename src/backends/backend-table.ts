import {isAgent} from 'clinvk-kit/backends/find-executable'
import {padToWidth, table} from 'clinvk-kit/format/table'
import {formatNumber} from 'clinvk-kit/format/text'
import {agentVersionNotice} from 'clinvk-kit/turn/agent-version'
import {TURN_OPTIONS, type TurnOption} from 'clinvk-kit/turn/request'
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
      [...replacementNotes(status), ...adviceOn(status)].map((line) => `${status.entry.name}: ${line}`),
    ),
    'Details of one: clinvk backends NAME',
  ]
  return `${table(COLUMNS, rows, terminalWidth)}\n${notes.map((line) => `${line}\n`).join('')}`
}

export function backendDetails(status: BackendStatus, home: string | undefined): string {
  const {entry, isDefault, model, report} = status
  const {capabilities, limits = {}, models = {}, supportedFrom, tested, title} = entry.descriptor
  const limit = Object.entries<number | undefined>(limits).find(
    ([name, count]) => UNITS[name] && count !== undefined,
  )
  const can = Object.keys(capabilities).filter((name) => Reflect.get(capabilities, name) === true)
  const account = report.signedIn === true && report.account !== undefined ? ` (${report.account})` : ''
  const versions = [tested && `tested with ${tested}`, supportedFrom && `supported from ${supportedFrom}`]
  const rows: [string, string][] = [
    ['version', versionLabel(status)],
    ['', versions.filter((text) => text).join(', ')],
    ['sign-in', `${signInLabel(status)}${account}`],
    ['found', pathLabel(status, home)],
    ['plugin', `${entry.plugin} ${entry.pluginVersion}`],
    ['', replacementNotes(status).join('')],
    ['model', model === undefined ? '' : `${model} (from the settings)`],
    ['models', Object.entries(models).map((pair) => pair.join(' = ')).join(', ')],
    ['prompt', limit ? `at most ${formatNumber(limit[1])} ${UNITS[limit[0]]}` : ''],
    ['can', can.map((name) => CAPABILITIES[name] ?? name).join(', ')],
    ['approval', ['default', ...(capabilities.approval ?? [])].join(', ')],
    ['sandbox', ['default', ...(capabilities.sandbox ?? [])].join(', ')],
    ...adviceOn(status).map((line): [string, string] => ['note', line]),
  ] // prettier-ignore
  const lines = rows.flatMap(([name, text]) => (text === '' ? [] : [`  ${padToWidth(name, 8)}  ${text}\n`]))
  return `${entry.name}: ${title}${isDefault ? ', the default' : ''}\n${lines.join('')}`
}

export function versionLabel({isEnabled, report, standing}: BackendStatus): string {
  if (!isEnabled) return 'switched off'
  if (report.broken !== undefined) return 'broken plugin'
  if (report.executable === undefined) return 'not installed'
  return `${report.version ?? 'unknown'} ${standing ?? ''}`.trimEnd()
}

export function signInLabel({signedIn}: BackendStatus): string {
  if (signedIn === undefined) return '-'
  return signedIn === 'unknown' ? 'unknown' : signedIn ? 'signed in' : 'not signed in'
}

function pathLabel({report: {executable}}: BackendStatus, home: string | undefined): string {
  const path = executable?.leading[0] ?? executable?.file ?? '-'
  return home && path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path
}

/** A backend that replaces another one is always named. */
function replacementNotes({entry: {plugin, pluginVersion, replaces}}: BackendStatus): string[] {
  if (replaces === undefined) return []
  const other = replaces === plugin ? 'the one that came with clinvk' : replaces
  return [`${plugin} ${pluginVersion} is used instead of ${other}`]
}

/** What a user should know of a backend that cannot be used as it is, and what to do. */
function adviceOn({entry: {descriptor, name, plugin}, isEnabled, report}: BackendStatus): string[] {
  if (!isEnabled) return [`switched off by backends.${name}.enabled in the settings`]
  if (report.broken !== undefined) return [report.broken, `it comes from ${plugin}`]
  if (report.executable === undefined) return [`to install it: ${descriptor.install}`]
  const {detail, problems, signedIn, version} = report
  const signIn = signedIn === false && descriptor.signIn !== undefined && `to sign in: ${descriptor.signIn}`
  const lines = [agentVersionNotice(version, descriptor), ...problems, signIn, detail]
  return lines.filter((line) => typeof line === 'string')
}

const COLUMNS = ['NAME', 'AGENT', 'VERSION', 'SIGN-IN', 'PLUGIN', 'FOUND'].map((title) => ({title, width: 0}))
const UNITS: Record<string, string> = {
  promptBytes: 'bytes',
  promptCharacters: 'characters',
  promptUnits: 'UTF-16 units',
}
/** What a capability is called here, where its own name does not say it. */
const CAPABILITIES: Record<string, string> = {
  ephemeral: '--ephemeral',
  usageWhileRunning: 'usage while it runs',
  ...Object.fromEntries(
    Object.values<TurnOption>(TURN_OPTIONS).flatMap(({capability, flag}) =>
      capability && flag ? [[capability, `--${flag}`]] : [],
    ),
  ),
}
