import type {Clinvk} from '../core/clinvk.js'
import type {Desk} from '../core/desk.js'
import type {Jobs} from './jobs.js'

/** Where the tools are called: over the standard streams of a process, or over HTTP. */
export interface Place {
  /** Asked at the first call that needs it: whoever starts an agent starts this server, too, and may never use it. */
  open(): Promise<{readonly clinvk: Clinvk; readonly desk: Desk}>
  readonly jobs: Jobs
  /** Tells those who call apart, for the queue of the desk. */
  readonly client: string
  /** In how many turns of clinvk the caller runs. */
  depth(): number
}
