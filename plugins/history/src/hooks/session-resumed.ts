import {setTimeout as pause} from 'node:timers/promises'
import type {Config} from '@oclif/core'
import type {SessionAbout} from 'clinvk-kit/turn/context'

/**
 * Hears `session:resumed`: what the user has said meanwhile in the agent's own program is archived while the agent
 * runs, which may rewrite or delete it. The start of the agent does not wait for that.
 */
export default async function sessionResumed({
  backend,
  backendSessionId: id,
  config,
  workingDir: cwd,
}: SessionAbout & {readonly config: Config}): Promise<void> {
  if (id === undefined) return
  await pause(STARTED_MS)
  const {archiveOne} = await import('../archive/archive-one.js')
  // The agent may have the terminal; at its end the same is tried, and told, again.
  await archiveOne(backend, {id, cwd}, config, {isQuiet: true})
}

/** By then the agent has been started. */
const STARTED_MS = 200
