import type {Clinvk} from '../core/clinvk.js'
import type {Client, TurnRunner} from '../core/turn-runner.js'
import type {Jobs} from './jobs.js'

/** Where the tools are called: over the standard streams of a process, or over HTTP. */
export interface Place {
  /** Asked at the first call that needs it: whoever starts an agent starts this server, too, and may never use it. */
  open(): Promise<{readonly clinvk: Clinvk; readonly runner: TurnRunner}>
  readonly jobs: Jobs
  readonly client: Pick<Client, 'id' | 'lane'>
  /** Aborts when the caller goes away before its call is answered, where the protocol does not tell. */
  readonly gone?: AbortSignal
  /** In how many turns of clinvk the caller runs. */
  depth(): number
}
