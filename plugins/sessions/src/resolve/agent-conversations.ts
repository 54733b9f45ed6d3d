import {createHash} from 'node:crypto'
import type {Config} from '@oclif/core'
import {Failure, isFailure} from 'clinvk-kit/errors/failure'
import type {AgentConversation, ConversationsQuestion} from 'clinvk-kit/hooks/history'
import {runHook} from 'clinvk-kit/hooks/run-hook'
import type {SessionFile} from '../store/session-file.js'
import type {SessionStore} from '../store/store.js'
import {candidates} from './resolve-session.js'

interface Resolved {
  readonly session: SessionFile
  readonly isNew?: boolean
}

/**
 * The conversation that a user means by the beginning of the agent's own id, or the session that it is already.
 * `unresolved` is why no session is meant, and is thrown where it is no conversation either.
 */
export async function resolveConversation(
  reference: string,
  unresolved: unknown,
  {config, store}: {readonly config: Config; readonly store: SessionStore},
  isBrief?: boolean,
): Promise<Resolved> {
  // The ids of all agents have digits; a name that is misspelt is not looked up.
  if (!isFailure(unresolved) || !/^(?=.*\d)[\w-]{4,}$/.test(reference)) throw unresolved
  const found = await agentConversations(config, {prefix: reference, isBrief})
  if (found.length === 0) throw unresolved
  const sessions = found.map((conversation): Resolved => {
    const {backend, id} = conversation
    const session = asSession(conversation)
    const isSame = (known: SessionFile) => known.backend_session_id === id
    const known = store.get(session.id) ?? store.list({backend}).sessions.find(isSame)
    return known ? {session: known} : {session, isNew: true}
  })
  const all = [...startingWith(reference, store).map((session) => ({session})), ...sessions]
  if (all.length === 1) return sessions[0]!
  throw new Failure(
    'session',
    `"${reference}" matches ${all.length} sessions and conversations of agents. Give more digits:`,
    candidates(all.map(({session, isNew}: Resolved) => (isNew ? withAgentsId(session) : session))),
  )
}

/** Conversations as agents have recorded them. Throws a Failure when the user interrupts. */
export async function agentConversations(
  config: Config,
  question: ConversationsQuestion,
): Promise<AgentConversation[]> {
  const {answers, failures} = await runHook<AgentConversation[]>(
    config,
    'history:conversations',
    question,
    LONGEST_MS,
  )
  for (const {error, message, plugin} of failures)
    throw isFailure(error) ? error : new Failure('session', `${plugin} cannot list conversations: ${message}`)
  return answers.flatMap(({answer}) => answer)
}

/** The id follows from the conversation, so that two processes adopt it once. */
export function asSession(conversation: AgentConversation): SessionFile {
  const {backend, cwd = '', id, model, prompt, startedAt, state, title, turns, updatedAt} = conversation
  const times = [startedAt, updatedAt].flatMap((time) => timeOf(time) ?? [])
  return {
    id: createHash('sha256').update(`${backend}/${id}`).digest('hex').slice(0, 32),
    backend,
    created_at: times[0] ?? new Date().toISOString(),
    last_used: times.at(-1) ?? new Date().toISOString(),
    // Of a record that says anything.
    working_dir: cwd.includes('\0') ? '' : cwd,
    backend_session_id: id,
    model,
    initial_prompt: prompt,
    status: 'active',
    turn_count: turns,
    title: title ?? prompt,
    backend_state: state,
  }
}

/** As lists show it. */
export function withAgentsId(session: SessionFile): SessionFile {
  return {...session, id: session.backend_session_id!}
}

function startingWith(reference: string, store: SessionStore): SessionFile[] {
  return /^[0-9a-f]+$/.test(reference) ? store.startingWith(reference) : []
}

function timeOf(text: string | undefined): string | undefined {
  const time = new Date(text ?? '')
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString()
}

/** The first time, all records are read. */
const LONGEST_MS = 1_800_000
