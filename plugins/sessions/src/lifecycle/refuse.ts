import {Failure} from 'clinvk-kit/errors/failure'
import {shortId, type SessionFile} from '../store/session-file.js'
import {isResumable, isRunning} from '../store/status.js'

/** Throws a Failure when the agent has no conversation that could be continued. */
export function checkResumable(session: SessionFile): void {
  if (isResumable(session) || session.unconfirmed) return
  throw new Failure(
    'session',
    `Session ${shortId(session)} cannot be resumed: ${session.backend} never reported an id for the conversation.`,
    ['Start a new session with the same prompt.'],
  )
}

/** Throws a Failure while a turn of the session runs; `hint` says what follows from that. */
export function refuseRunning(session: SessionFile, hint: string): void {
  if (!isRunning(session)) return
  const {agent, clinvk} = session.running!
  throw new Failure(
    'session',
    `Session ${shortId(session)} is in use: process ${(agent ?? clinvk).pid} runs a turn of it.`,
    [hint],
  )
}
