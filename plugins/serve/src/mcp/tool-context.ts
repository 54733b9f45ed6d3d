import type {Interfaces} from '@oclif/core'
import type {IO} from 'clinvk-kit/io'
import {askClinvk, type Clinvk} from '../core/clinvk.js'
import {serveSettings} from '../core/settings.js'
import {type Client, TurnRunner} from '../core/turn-runner.js'
import {depthOf} from './depth.js'
import {Jobs} from './jobs.js'

/** Where the tools are called: over the standard streams of a process, or over HTTP. */
export interface ToolContext {
  /** Asked at the first call that needs it: whoever starts an agent starts this server, too, and may never use it. */
  readonly open: () => Promise<{readonly clinvk: Clinvk; readonly runner: TurnRunner}>
  readonly jobs: Jobs
  readonly client: Pick<Client, 'id' | 'lane'>
  /** Aborts when the caller goes away before its call is answered, where the protocol does not tell. */
  readonly gone?: AbortSignal
  /** In how many turns of clinvk the caller runs. */
  readonly depth: number
  /** Milliseconds between two notes of what an agent does. Default: 5000. */
  readonly interval?: number
}

/** The context of `clinvk mcp`: this process, with one client. */
export function stdioContext(
  config: Interfaces.Config,
  io: IO,
  note: (message: string) => void,
): ToolContext {
  const open = async () => {
    const clinvk = await askClinvk(config)
    const {settings} = await clinvk.kit.lookAround()
    return {clinvk, runner: new TurnRunner(clinvk, serveSettings(settings.server, note), io)}
  }
  let opened: ReturnType<typeof open> | undefined
  // A second signal: agents are ended at once, and their sessions written all the same.
  const end = () => void opened?.then(({runner}) => runner.cancel(true))
  io.interrupts().hurry.addEventListener('abort', end, {once: true})
  return {jobs: new Jobs(), client: {id: 'mcp'}, open: () => (opened ??= open()), depth: depthOf(io.env)}
}
