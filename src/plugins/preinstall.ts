import type {Config} from '@oclif/core'
import {Failure} from 'clinvk-kit/failure'
import {hear} from 'clinvk-kit/hear'
import type {Candidate} from './candidate.js'

/**
 * Lets other plugins object before anything is installed. oclif swallows plain
 * errors of hooks; here whoever fails has said no.
 */
export async function askOtherPlugins(config: Config, candidate: Candidate): Promise<void> {
  const {name, origin} = candidate
  // What oclif's own command tells, and `candidate`: our own hook leaves what was decided already.
  const plugin =
    origin.kind === 'registry'
      ? {type: 'npm' as const, name, tag: origin.wish}
      : {type: 'repo' as const, url: candidate.spec}
  const {failures} = await hear(config, 'plugins:preinstall', {candidate, plugin}, PATIENCE_MS)
  const [failure] = failures
  if (failure) throw new Failure('refused', `${failure.plugin} refuses ${name}: ${failure.message}`)
}

const PATIENCE_MS = 30_000
