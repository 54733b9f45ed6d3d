import {padToWidth} from 'clinvk-kit/format/table'
import {formatNumber} from 'clinvk-kit/format/text'
import {TURN_OPTIONS, type TurnOption} from 'clinvk-kit/turn/request'
import type {BackendStatus} from './backend-status.js'
import {adviceOn, pathLabel, replacementNotes, signInLabel, versionLabel} from './backend-table.js'

/** The details of one backend, for people. */
export function backendDetails(status: BackendStatus, home: string | undefined): string {
  const {entry, isDefault, model, report} = status
  const {capabilities, limits = {}, models = {}, supportedFrom, tested, title} = entry.descriptor
  const account = report.signedIn === true && report.account !== undefined ? ` (${report.account})` : ''
  const versions = [
    ...(tested === undefined ? [] : [`tested with ${tested}`]),
    ...(supportedFrom === undefined ? [] : [`supported from ${supportedFrom}`]),
  ]
  const [limit] = Object.entries(UNITS).flatMap(([name, unit]) => {
    const count = limits[name as keyof typeof limits]
    return count === undefined ? [] : [`${formatNumber(count)} ${unit}`]
  })
  const can = Object.entries(capabilities).flatMap(([name, value]) =>
    value === true ? [CAPABILITIES[name] ?? name] : [],
  )
  const rows: [string, string][] = [
    ['version', versionLabel(status)],
    ['', versions.join(', ')],
    ['sign-in', `${signInLabel(status)}${account}`],
    ['found', pathLabel(status, home)],
    ['plugin', `${entry.plugin} ${entry.pluginVersion}`],
    ['', replacementNotes(entry).join('')],
    ['model', model === undefined ? '' : `${model} (from the settings)`],
    [
      'models',
      Object.entries(models)
        .map(([alias, real]) => `${alias} = ${real}`)
        .join(', '),
    ],
    ['prompt', limit === undefined ? '' : `at most ${limit}`],
    ['can', can.join(', ')],
    ['approval', ['default', ...(capabilities.approval ?? [])].join(', ')],
    ['sandbox', ['default', ...(capabilities.sandbox ?? [])].join(', ')],
    ...adviceOn(status).map((line): [string, string] => ['note', line]),
  ]
  const lines = rows.flatMap(([name, text]) => (text === '' ? [] : [`  ${padToWidth(name, 8)}  ${text}\n`]))
  return `${entry.name}: ${title}${isDefault ? ', the default' : ''}\n${lines.join('')}`
}

const UNITS: Record<string, string> = {
  promptBytes: 'bytes',
  promptCharacters: 'characters',
  promptUnits: 'UTF-16 units',
}

const CAPABILITIES: Record<string, string> = {
  ephemeral: '--ephemeral',
  usageWhileRunning: 'usage while it runs',
  ...Object.fromEntries(
    Object.values<TurnOption>(TURN_OPTIONS).flatMap(({capability, flag}) =>
      capability === undefined || flag === undefined ? [] : [[capability, `--${flag}`]],
    ),
  ),
}
