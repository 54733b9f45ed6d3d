import type {BackendEntry} from 'clinvk-kit/backends/discover'
import {type AgentReport, probeAgent, type ProbeOptions} from 'clinvk-kit/backends/probe-agent'
import type {Settings} from 'clinvk-kit/settings/settings'
import {versionStanding} from 'clinvk-kit/turn/agent-version'

/** A backend and its agent, as they are on this machine. */
export interface BackendStatus {
  readonly entry: BackendEntry
  readonly isDefault: boolean
  readonly isEnabled: boolean
  /** The model of the settings. */
  readonly model?: string
  readonly standing?: NonNullable<ReturnType<typeof versionStanding>>
  readonly report: AgentReport
}

/** Looks at backends side by side. One that is switched off is looked for, but not asked. */
export function backendStatuses(
  entries: readonly BackendEntry[],
  settings: Pick<Settings, 'backends' | 'default_backend'>,
  options: ProbeOptions,
): Promise<BackendStatus[]> {
  return Promise.all(
    entries.map(async (entry) => {
      const {enabled, model} = settings.backends[entry.name] ?? {}
      const report = await probeAgent(entry, options, enabled === false ? 'look' : 'ask')
      const standing = versionStanding(report.version, entry.descriptor)
      return {
        entry,
        isDefault: settings.default_backend === entry.name,
        isEnabled: enabled !== false,
        report,
        ...(model === undefined ? {} : {model}),
        ...(standing === undefined ? {} : {standing}),
      }
    }),
  )
}
