import type {BackendEntry} from 'clinvk-kit/backends/discover'
import {findExecutable} from 'clinvk-kit/backends/find-executable'
import {type AgentReport, probeAgent, type ProbeOptions} from 'clinvk-kit/backends/probe-agent'
import type {Settings} from 'clinvk-kit/settings/settings'
import {versionStanding} from 'clinvk-kit/turn/agent-version'

export interface BackendStatus {
  readonly entry: BackendEntry
  readonly isDefault: boolean
  readonly isEnabled: boolean
  readonly model?: string
  readonly standing?: ReturnType<typeof versionStanding>
  readonly report: AgentReport
  /** Undefined where the agent was not asked, or needs no account. */
  readonly signedIn?: boolean | 'unknown'
}

/** Probes backends, two at a time: agents are heavy programs. A disabled one is looked for, but not started. */
export async function backendStatuses(
  entries: readonly BackendEntry[],
  settings: Pick<Settings, 'backends' | 'default_backend'>,
  options: ProbeOptions,
): Promise<BackendStatus[]> {
  const statuses: BackendStatus[] = []
  const waiting = entries.entries()
  const probeNext = async () => {
    for (const [index, entry] of waiting) statuses[index] = await statusOf(entry, settings, options)
  }
  await Promise.all([probeNext(), probeNext()])
  return statuses
}

async function statusOf(
  entry: BackendEntry,
  settings: Pick<Settings, 'backends' | 'default_backend'>,
  options: ProbeOptions,
): Promise<BackendStatus> {
  const {enabled, model} = settings.backends[entry.name] ?? {}
  const isEnabled = enabled !== false
  const report: AgentReport = isEnabled
    ? await probeAgent(entry, options)
    : {executable: findExecutable(entry, options.env), problems: []}
  const wasAsked = isEnabled && report.broken === undefined && report.executable !== undefined
  const assumed = entry.descriptor.signIn === undefined ? undefined : 'unknown'
  return {
    entry,
    isDefault: settings.default_backend === entry.name,
    isEnabled,
    model,
    standing: versionStanding(report.version, entry.descriptor),
    report,
    signedIn: wasAsked ? (report.signedIn ?? assumed) : undefined,
  }
}

/** A backend as data (`docs/reference/json.md`). */
export function backendJson({entry, report, standing, ...status}: BackendStatus): object {
  const {descriptor} = entry
  const {broken, executable} = report
  return {
    name: entry.name,
    title: descriptor.title,
    default: status.isDefault,
    enabled: status.isEnabled,
    installed: executable !== undefined,
    executable: executable?.leading[0] ?? executable?.file,
    version: report.version,
    version_standing: standing?.replace(' ', '_'),
    supported_from: descriptor.supportedFrom,
    tested: descriptor.tested,
    signed_in: status.signedIn,
    account: report.account,
    detail: report.detail,
    problems: [...(broken === undefined ? [] : [broken]), ...report.problems],
    install: descriptor.install,
    sign_in: descriptor.signIn,
    model: status.model,
    models: descriptor.models ?? {},
    limits: snakeCased(descriptor.limits ?? {}),
    capabilities: snakeCased(descriptor.capabilities),
    plugin: entry.plugin,
    plugin_version: entry.pluginVersion,
    plugin_root: entry.root,
    replaces: entry.replaces,
  }
}

function snakeCased(record: object): object {
  const snake = (key: string) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [snake(key), value as unknown]))
}

/** Time that an agent has to answer a probe. Gemini CLI needs one to two seconds to print its version. */
export const PROBE_TIMEOUT_MS = 15_000
