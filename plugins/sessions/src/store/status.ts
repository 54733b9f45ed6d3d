import {isAlive} from 'clinvk-kit/process/identity'
import type {SessionFile} from './session-file.js'

export const STATUSES = ['active', 'completed', 'paused', 'error'] as const
export type Status = (typeof STATUSES)[number]

/** The first that applies: closed, running, interrupted, failed, else active. */
export function statusOf(session: SessionFile): Status {
  const {closed_at, last_outcome: outcome, running, status, turn_count: turns = 0} = session
  if (closed_at !== undefined) return 'completed'
  if (running) return isRunning(session) ? 'active' : 'paused'
  if (outcome === 'success') return 'active'
  if (outcome !== undefined) return ['cancelled', 'limit', 'timeout'].includes(outcome) ? 'paused' : 'error'
  // The reference program writes `completed` after every good turn, and leaves `active` behind when it was
  // interrupted in the first.
  if (status === 'error' || status === 'paused') return status
  return status === 'active' && turns === 0 ? 'paused' : 'active'
}

/** Whether a turn of it runs now: clinvk, or an agent that outlived it. */
export function isRunning(session: Pick<SessionFile, 'running'>): boolean {
  return hasClinvk(session) || isAlive(session.running?.agent)
}

/** Whether clinvk still runs the turn. A process knows which of its own are over; of another one the process tells. */
export function hasClinvk({running}: Pick<SessionFile, 'running'>): boolean {
  if (!running || !isAlive(running.clinvk)) return false
  const {clinvk, turn} = running
  return turn === undefined || clinvk.pid !== process.pid || TURNS_HERE.has(turn)
}

/** Ids of the turns that run in this process. */
export const TURNS_HERE = new Set<string>()

/** Whether it can be continued by its agent, or started again where the agent has recorded nothing. */
export function isResumable({backend_session_id: id, unconfirmed}: SessionFile): boolean {
  return Boolean(id) || (unconfirmed !== undefined && !unconfirmed.tools)
}
