import type {BackendStatus} from './backend-status.js'
import {signedInOf} from './words.js'

/** A backend as data (`docs/reference/json.md`). */
export function backendJson(status: BackendStatus): object {
  const {entry, isDefault, isEnabled, model, report, standing} = status
  const {descriptor} = entry
  const {broken, executable} = report
  return {
    name: entry.name,
    title: descriptor.title,
    default: isDefault,
    enabled: isEnabled,
    installed: executable !== undefined,
    executable: executable?.leading[0] ?? executable?.file,
    version: report.version,
    version_standing: standing?.replace(' ', '_'),
    supported_from: descriptor.supportedFrom,
    tested: descriptor.tested,
    signed_in: signedInOf(status),
    account: report.account,
    detail: report.detail,
    problems: [...(broken === undefined ? [] : [broken]), ...report.problems],
    install: descriptor.install,
    sign_in: descriptor.signIn,
    model,
    models: descriptor.models ?? {},
    limits: snakeCased(descriptor.limits ?? {}),
    capabilities: snakeCased(descriptor.capabilities),
    plugin: entry.plugin,
    plugin_version: entry.pluginVersion,
    plugin_root: entry.root,
    replaces: entry.replaces,
  }
}

function snakeCased(record: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(record).map(([key, value]) => [
      key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      value as unknown,
    ]),
  )
}
