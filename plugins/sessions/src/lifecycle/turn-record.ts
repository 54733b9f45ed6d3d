import {isFailure} from 'clinvk-kit/errors/failure'
import {identify} from 'clinvk-kit/process/identity'
import type {TurnSessionRecord} from 'clinvk-kit/turn/hooks'
import type {SessionFile} from '../store/session-file.js'
import {isRunning, refuseRunning, statusOf} from '../store/status.js'
import type {SessionStore} from '../store/store.js'
import {addUsage} from '../store/usage.js'
import {titleFrom} from '../view/labels.js'

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
  const update = async (change: (session: SessionFile) => void) => {
    await store.update(id, (current) => {
      change(current)
      current.status = statusOf(current)
    })
  }

  return {
    id,
    notices,
    ...(isNew ? {} : {continues: continuation(session as SessionFile)}),

    async begin({backend, model, prompt, workingDir}) {
      if (!isNew) await untilFree(store, id)
      const now = new Date().toISOString()
      const running = {clinvk: identify(process.pid) ?? {pid: process.pid, started: 'unknown'}}
      if (!isNew) {
        return update((current) => {
          refuseRunning(current, 'Wait until it has finished, or start a new session.')
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
        title: session.title ?? titleFrom(prompt),
        ...(session.name === undefined ? {} : {name: session.name}),
        ...(session.run === undefined ? {} : {run: session.run}),
        ...(session.metadata === undefined ? {} : {metadata: session.metadata}),
        running,
      }
      addTags(created, tags)
      await create(store, created)
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
        if (storeTokenUsage) addUsage(current, result.usage)
      })
    },
  }
}

/** A new conversation may be had without being kept; a name that is taken may not. */
async function create(store: SessionStore, session: SessionFile): Promise<void> {
  try {
    await store.create(session)
  } catch (error) {
    if (isFailure(error) && error.kind === 'session') throw new Error(error.message, {cause: error})
    throw error
  }
}

/** One turn may follow another at once, as scripts do: the second waits for a moment until the first has let go. */
async function untilFree(store: SessionStore, id: string): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    const session = store.get(id)
    if (!session || !isRunning(session) || Date.now() > deadline) return
    await new Promise((resolve) => setTimeout(resolve, 50))
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

function addTags(session: SessionFile, tags: readonly string[]): void {
  const all = [...new Set([...(session.tags ?? []), ...tags])]
  if (all.length > 0) session.tags = all
}

/** The beginning of the first prompt is kept to recognise the session by; the agent keeps the whole. */
const LONGEST_PROMPT = 4000
const PATIENCE_MS = 2000
