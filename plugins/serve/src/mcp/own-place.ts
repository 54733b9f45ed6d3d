import type {Interfaces} from '@oclif/core'
import type {IO} from 'clinvk-kit/io'
import {askClinvk} from '../core/clinvk.js'
import {serveSettings} from '../core/settings.js'
import {turnRunner} from '../core/turn-runner.js'
import {depthOf} from './depth.js'
import {Jobs} from './jobs.js'
import type {Place} from './place.js'

/** Where the tools of `clinvk mcp` are called: this process, with one client. */
export function ownPlace(config: Interfaces.Config, io: IO, note: (message: string) => void): Place {
  let opened: ReturnType<typeof open> | undefined
  let depth: number | undefined
  // A second signal: agents are ended at once, and their sessions written all the same.
  const end = () => void opened?.then(({runner}) => runner.cancel(true))
  io.interrupts().hurry.addEventListener('abort', end, {once: true})
  return {
    jobs: new Jobs(),
    client: {id: 'mcp'},
    open: () => (opened ??= open(config, io, note)),
    depth: () => (depth ??= depthOf(io.env)),
  }
}

async function open(config: Interfaces.Config, io: IO, note: (message: string) => void) {
  const clinvk = await askClinvk(config)
  const {settings} = await clinvk.kit.lookAround()
  return {clinvk, runner: turnRunner(clinvk, serveSettings(settings.server, note), io)}
}
