import {Failure, isFailure} from 'clinvk-kit/errors/failure'
import type {ShowOptions} from 'clinvk-kit/for-plugins/sessions'
import type {Cost, CostQuestion, SessionHistory} from 'clinvk-kit/hooks/history'
import {runHook} from 'clinvk-kit/hooks/run-hook'
import {loadSettings} from 'clinvk-kit/settings/load'
import {findSession, type SessionPlace} from '../lifecycle/place.js'
import type {SessionFile} from '../store/session-file.js'
import {sessionJson, withoutUsage} from './session-json.js'

export interface ShownSession {
  readonly session: SessionFile
  /** Of it, the last used first. */
  readonly forks: readonly SessionFile[]
  /** Absent where no plugin reads conversations, it takes too long, or it was not asked for. */
  readonly history?: SessionHistory
  /** What its model calls are worth, where that was asked. */
  readonly cost?: Cost
}

/** Everything about a session, or a conversation of an agent. Throws a Failure. */
export async function showSession(
  reference: string,
  {brief, cost: hasCost}: ShowOptions,
  place: SessionPlace,
): Promise<ShownSession> {
  const {config, io, store} = place
  const {store_token_usage: hasUsage} = (await loadSettings(io)).session
  const stored = await findSession(reference, place)
  const session = hasUsage ? stored : withoutUsage(stored)
  const cost = hasCost && hasUsage ? await costOf(session, place) : undefined
  const forks = store.forksOf(session.id)
  if (brief) return {session, forks, cost}
  const about = {session: stored}
  const {answers} = await runHook<SessionHistory>(config, 'history:session', about, LONGEST_LOOK_MS)
  return {session, forks, history: answers[0]?.answer, cost}
}

/** For scripts. */
export function shownJson({cost, forks, history, session}: ShownSession): object {
  const {text: _text, ...known} = cost ?? {}
  return {...sessionJson(session), forks: forks.map(({id}) => id), ...history, cost: cost && known}
}

/** Throws a Failure where it cannot be computed. */
async function costOf(
  {backend, backend_session_id: conversation, id}: SessionFile,
  {config}: SessionPlace,
): Promise<Cost | undefined> {
  const question: CostQuestion = {session: id, backend, conversation}
  const {answers, failures} = await runHook<Cost>(config, 'history:cost', question, LONGEST_MS)
  for (const {error, message} of failures) throw isFailure(error) ? error : new Failure('session', message)
  return answers[0]?.answer
}

/** The first time, all records are read. */
const LONGEST_MS = 1_800_000
/** For what is only shown besides. */
const LONGEST_LOOK_MS = 5000
