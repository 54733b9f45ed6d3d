import {isFailure} from 'clinvk-kit/errors/failure'
import {identify} from 'clinvk-kit/process/identity'
import type {TurnSessionRecord} from 'clinvk-kit/turn/context'
import type {SessionFile} from '../store/session-file.js'
import {isRunning, refuseRunning, statusOf} from '../store/status.js'
import type {SessionStore} from '../store/store.js'
import {addUsage} from '../store/usage.js'
import {titleFrom} from '../view/labels.js'

export interface RecordOptions {
  readonly store: SessionStore
  /** The session as it was before this turn, or what is known of a new one. */
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
    continues: isNew ? undefined : continuation(session as SessionFile),

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
        model,
        initial_prompt: prompt.slice(0, INITIAL_PROMPT_LENGTH),
        status: 'active',
        turn_count: 0,
        title: session.title ?? titleFrom(prompt),
        name: session.name,
        run: session.run,
        metadata: session.metadata,
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

/** A new session that cannot be written does not end the turn, unless its name is taken. */
async function create(store: SessionStore, session: SessionFile): Promise<void> {
  try {
    await store.create(session)
  } catch (error) {
    if (isFailure(error) && error.kind === 'session') throw new Error(error.message, {cause: error})
    throw error
  }
}

/** Waits a moment for a turn that is just ending: scripts start one turn directly after another. */
async function untilFree(store: SessionStore, id: string): Promise<void> {
  const deadline = Date.now() + BUSY_WAIT_MS
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
    state: session.backend_state,
  }
}

function addTags(session: SessionFile, tags: readonly string[]): void {
  const all = [...new Set([...(session.tags ?? []), ...tags])]
  if (all.length > 0) session.tags = all
}

/** Characters of the first prompt that are kept to recognise the session; the agent keeps all of it. */
const INITIAL_PROMPT_LENGTH = 4000
const BUSY_WAIT_MS = 2000
