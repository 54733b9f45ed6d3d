import {Failure} from 'clinvk-kit/errors/failure'
import {isAlive} from 'clinvk-kit/process/identity'
import {shortId, type SessionFile} from './session-file.js'

export type Status = 'active' | 'completed' | 'paused' | 'error'

export const STATUSES: readonly Status[] = ['active', 'completed', 'paused', 'error']

/** The first that applies: closed, running, interrupted, failed, else active. */
export function statusOf(session: SessionFile): Status {
  if (session.closed_at !== undefined) return 'completed'
  if (session.running) return isRunning(session) ? 'active' : 'paused'
  switch (session.last_outcome) {
    case undefined:
      return statusOfReference(session)
    case 'cancelled':
    case 'limit':
    case 'timeout':
      return 'paused'
    case 'success':
      return 'active'
    default:
      return 'error'
  }
}

/** Whether a turn of it runs now: the process of clinvk, or an agent that outlived it. */
export function isRunning({running}: SessionFile): boolean {
  return (
    running !== undefined &&
    (isAlive(running.clinvk) || (running.agent !== undefined && isAlive(running.agent)))
  )
}

/** Whether the agent can continue it. */
export function isResumable({backend_session_id: id}: SessionFile): boolean {
  return id !== undefined && id !== ''
}

/** Throws a Failure when the agent has no conversation that could be continued. */
export function checkResumable(session: SessionFile): void {
  if (isResumable(session)) return
  throw new Failure(
    'session',
    `Session ${shortId(session)} cannot be resumed: ${session.backend} never told an id of its own.`,
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

/**
 * The reference program writes `completed` after every good turn, and leaves
 * `active` behind when it was interrupted in the first.
 */
function statusOfReference({status, turn_count: turns = 0}: SessionFile): Status {
  if (status === 'error' || status === 'paused') return status
  return status === 'active' && turns === 0 ? 'paused' : 'active'
}
