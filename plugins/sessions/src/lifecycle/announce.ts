import type {Config} from '@oclif/core'
import {emitEvent} from 'clinvk-kit/hooks/run-hook'
import type {SessionAbout, SessionTold} from 'clinvk-kit/turn/context'
import type {SessionFile} from '../store/session-file.js'

/** Tells plugins what has happened to a session. */
export function announce(
  config: Config,
  event: SessionTold['event'],
  {backend, id, working_dir: workingDir}: SessionFile,
  note: (message: string) => void,
): Promise<void> {
  const about: SessionAbout = {sessionId: id, backend, workingDir}
  return emitEvent(config, event, about, note)
}
