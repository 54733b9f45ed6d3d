import type {Config} from '@oclif/core'
import {Failure} from 'clinvk-kit/failure'
import {oneLine} from 'clinvk-kit/format/one-line'
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
  const {failures} = await config.runHook('plugins:preinstall', {...{candidate}, plugin}, undefined, true)
  const [failure] = failures
  if (failure)
    throw new Failure('refused', `${failure.plugin.name} refuses ${name}: ${oneLine(failure.error.message)}`)
}
