import {Failure} from 'clinvk-kit/failure'
import type {SessionFile} from './store/session-file.js'
import {shortId} from './short-id.js'
import {isRunning} from './store/status.js'

/** Throws a Failure while a turn of the session runs; `hint` says what follows from that. */
export function refuseRunning(session: SessionFile, hint: string): void {
  if (!isRunning(session)) return
  const {agent, clinvk} = session.running!
  throw new Failure(
    'session',
    `Session ${shortId(session)} is in use: a turn of it runs in process ${(agent ?? clinvk).pid}.`,
    [hint],
  )
}
