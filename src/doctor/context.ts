import type {Config} from '@oclif/core'
import type {Failure} from 'clinvk-kit/errors/failure'
import type {Settings} from 'clinvk-kit/settings/settings'
import type {BackendStatus} from '../backends/backend-status.js'

/** What the checks go by, looked up once. */
export interface DoctorContext {
  readonly config: Config
  readonly env: Readonly<Record<string, string | undefined>>
  /** The settings in force; the defaults where they cannot be read. */
  readonly settings: Settings
  /** Why they cannot. */
  readonly settingsFailure?: Failure
  /** `--config`. */
  readonly settingsFile?: string
  /** Asks the agents, once for all who want to know. */
  statuses(): Promise<readonly BackendStatus[]>
}
