import {Failure} from 'clinvk-kit/failure'
import {identify} from 'clinvk-kit/process/identity'
import type {TurnSessionRecord} from 'clinvk-kit/turn/hooks'
import type {TurnResult} from 'clinvk-kit/turn/result'
import type {SessionFile} from './session-file.js'
import {shortId} from './short-id.js'
import {isRunning, statusOf} from './status.js'
import type {SessionStore} from './store.js'
import {titleFrom} from './title.js'

export interface RecordOptions {
  readonly store: SessionStore
  /** What is known of the session before this turn. */
  readonly session: Pick<SessionFile, 'id'> & Partial<SessionFile>
  readonly isNew: boolean
  /** Tags that this turn adds. */
  readonly tags: readonly string[]
  readonly notices: readonly string[]
  readonly storeTokenUsage: boolean
}

/** Writes the session of one turn: before the agent starts, while it runs, and at its end. */
export function turnRecord({
  isNew,
  notices,
  session,
  store,
  storeTokenUsage,
  tags,
}: RecordOptions): TurnSessionRecord {
  const {id} = session
  const update = (change: (session: SessionFile) => void) => {
    store.update(id, (current) => {
      change(current)
      current.status = statusOf(current)
    })
    return Promise.resolve()
  }

  return {
    id,
    notices,
    ...(isNew ? {} : {continues: continuation(session as SessionFile)}),

    begin({backend, model, prompt, workingDir}) {
      const now = new Date().toISOString()
      const running = {clinvk: identify(process.pid) ?? {pid: process.pid, started: 'unknown'}}
      if (!isNew) {
        return update((current) => {
          refuseRunning(current)
          delete current.closed_at
          Object.assign(current, {last_used: now, running})
          addTags(current, tags)
        })
      }

      const created: SessionFile = {
        id,
        backend,
        created_at: now,
        last_used: now,
        working_dir: workingDir,
        ...(model === undefined ? {} : {model}),
        initial_prompt: prompt.slice(0, LONGEST_PROMPT),
        status: 'active',
        turn_count: 0,
        title: titleFrom(prompt),
        ...(session.name === undefined ? {} : {name: session.name}),
        running,
      }
      addTags(created, tags)
      store.write(created)
      return Promise.resolve()
    },

    update({agent, backendSessionId, model, state}) {
      return update((current) => {
        if (agent && current.running) current.running.agent = agent
        if (backendSessionId !== undefined) current.backend_session_id = backendSessionId
        if (model !== undefined) current.model = model
        if (state !== undefined) current.backend_state = state
      })
    },

    finish(result) {
      return update((current) => {
        delete current.running
        current.last_used = new Date().toISOString()
        current.turn_count = (current.turn_count ?? 0) + 1
        current.last_outcome = result.outcome
        if (result.model !== undefined) current.model = result.model
        if (result.error === undefined) delete current.error_message
        else current.error_message = result.error.message
        if (storeTokenUsage) addUsage(current, result)
      })
    },
  }
}

function continuation(session: SessionFile): NonNullable<TurnSessionRecord['continues']> {
  return {
    backend: session.backend,
    workingDir: session.working_dir,
    backendSessionId: session.backend_session_id!,
    ...(session.backend_state === undefined ? {} : {state: session.backend_state}),
  }
}

function refuseRunning(session: SessionFile): void {
  if (!isRunning(session)) return
  const {agent, clinvk} = session.running!
  throw new Failure(
    'session',
    `Session ${shortId(session)} is in use: a turn of it runs in process ${(agent ?? clinvk).pid}.`,
    ['Wait until it has finished, or start a new session.'],
  )
}

function addTags(session: SessionFile, tags: readonly string[]): void {
  const all = [...new Set([...(session.tags ?? []), ...tags])]
  if (all.length > 0) session.tags = all
}

function addUsage(session: SessionFile, {usage}: TurnResult): void {
  if (!usage) return
  const total = (session.token_usage ??= {})
  for (const field of ['input_tokens', 'output_tokens', 'cached_tokens', 'reasoning_tokens'] as const) {
    const value = usage[field]
    if (value !== undefined) total[field] = (total[field] ?? 0) + value
  }
}

/** The beginning of the first prompt is kept to recognise the session by; the agent keeps the whole. */
const LONGEST_PROMPT = 4000
