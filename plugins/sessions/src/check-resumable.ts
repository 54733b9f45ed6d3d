import {Failure} from 'clinvk-kit/failure'
import type {SessionFile} from './store/session-file.js'
import {shortId} from './short-id.js'
import {isResumable} from './store/status.js'

/** Throws a Failure where there is nothing that the agent could be asked to go on with. */
export function checkResumable(session: SessionFile): void {
  if (isResumable(session)) return
  throw new Failure(
    'session',
    `Session ${shortId(session)} cannot be resumed: ${session.backend} never told an id of its own.`,
    ['Start a new session with the same prompt.'],
  )
}
