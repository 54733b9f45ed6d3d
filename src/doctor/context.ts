import type {Config} from '@oclif/core'
import {backendsOf} from 'clinvk-kit/backends/discover'
import {byName} from 'clinvk-kit/backends/find-executable'
import {type Failure, isFailure} from 'clinvk-kit/errors/failure'
import type {IO} from 'clinvk-kit/io'
import {userFile} from 'clinvk-kit/settings/files'
import {installedIn, loadSettings} from 'clinvk-kit/settings/load'
import {DEFAULTS, type Settings} from 'clinvk-kit/settings/settings'
import {backendStatuses, type BackendStatus} from '../backends/backend-status.js'

export interface DoctorContext {
  readonly config: Config
  readonly env: IO['env']
  /** The settings in force; the defaults where they cannot be read. */
  readonly settings: Settings
  readonly settingsFile: string
  readonly settingsFailure?: Failure
  /** Probes the agents, once for all checks. */
  statuses(): Promise<readonly BackendStatus[]>
}

/** `deadline` is the time in milliseconds that each agent has to answer; `file` is the value of `--config`. */
export async function doctorContext(
  config: Config,
  {cwd, env}: IO,
  {deadline, file, stop}: {deadline: number; file: string | undefined; stop: AbortSignal},
): Promise<DoctorContext> {
  let settings = DEFAULTS
  let settingsFailure: Failure | undefined
  try {
    settings = await loadSettings({cwd, env, file, project: cwd, installed: await installedIn(config)})
  } catch (error) {
    if (!isFailure(error)) throw error
    // One of the findings: doctor runs with any settings file.
    settingsFailure = error
  }
  let statuses: Promise<BackendStatus[]> | undefined
  return {
    config,
    env,
    settings,
    settingsFile: userFile({cwd, env, file}).path,
    settingsFailure,
    statuses: () =>
      (statuses ??= backendsOf(config).then(({backends}) =>
        backendStatuses(byName(backends), settings, {env, deadline, stop}),
      )),
  }
}
