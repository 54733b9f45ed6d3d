import {isFailure} from 'clinvk-kit/errors/failure'
import {randomHex} from 'clinvk-kit/format/random-id'
import {identify} from 'clinvk-kit/process/identity'
import type {Settings} from 'clinvk-kit/settings/settings'
import type {ForkedConversation, TurnSessionRecord, UnconfirmedPrompt} from 'clinvk-kit/turn/context'
import type {TaskOfRun} from 'clinvk-kit/turn/request'
import type {SessionFile} from '../store/session-file.js'
import {refuseRunning} from './refuse.js'
import {isRunning, statusOf, TURNS_HERE} from '../store/status.js'
import type {SessionStore} from '../store/store.js'
import {addUsage} from '../store/usage.js'
import {adoption, titleFrom} from '../view/labels.js'
import {TranscriptWriter} from './transcript-writer.js'

export interface RecordOptions {
  readonly store: SessionStore
  /** The session as it was before this turn; undefined for a new one. */
  readonly resumed?: SessionFile
  /** The same as it is to be created first: a conversation of an agent. */
  readonly adopts?: SessionFile
  /** The session whose conversation it continues apart, as long as it has none of its own; `at`: after that turn. */
  readonly forks?: {readonly parent: SessionFile; readonly at?: number}
  /** Of a new session. */
  readonly name?: string
  /** Of a new session: what it is about, if not its prompt. */
  readonly title?: string
  /** The task of a run that a new session is for. */
  readonly task?: TaskOfRun
  /** Tags that this turn adds. */
  readonly tags: readonly string[]
  /** The user's own data, which this turn adds. */
  readonly metadata?: Readonly<Record<string, string>>
  readonly notices: readonly string[]
  /** What of a turn is kept. */
  readonly settings: Pick<Settings['session'], 'store_token_usage' | 'store_transcripts'>
}

/** Writes the session of one turn: before the agent starts, while it runs, and at its end. */
export function turnRecord(options: RecordOptions): TurnSessionRecord {
  const {adopts, forks, name, notices, resumed, settings, store, tags, task, title} = options
  const id = resumed?.id ?? randomHex()
  const number = (resumed?.turn_count ?? 0) + 1
  const turn = randomHex()
  let isOpen = false
  let transcript: TranscriptWriter | undefined
  const addOwnData = (session: SessionFile) => {
    if (tags.length > 0) session.tags = [...new Set([...(session.tags ?? []), ...tags])]
    if (options.metadata) session.metadata = {...session.metadata, ...options.metadata}
  }

  const begin = async ({backend, conversation, isNew, model, notice, options, prompt, workingDir}: Start) => {
    // Several forks of a conversation may begin at once.
    if (adopts && (await store.create(adopts))) notice(adoption(adopts))
    if (resumed) {
      await untilFree(store, id)
      await change(store, id, (current) => {
        startRunning(current, turn)
        addOwnData(current)
        delete current.unconfirmed
        if (!isNew) return
        current.unconfirmed = {}
        current.backend_session_id = conversation?.id
        current.backend_state = conversation?.state
      })
      if (isNew) store.transcripts.keepPrompt(id, {prompt, options})
      else if (resumed.unconfirmed) store.transcripts.removePrompt(id)
      return
    }

    const now = new Date().toISOString()
    const created: SessionFile = {
      id,
      backend,
      created_at: now,
      last_used: now,
      working_dir: workingDir,
      backend_session_id: conversation?.id,
      backend_state: conversation?.state,
      model,
      initial_prompt: prompt.slice(0, INITIAL_PROMPT_LENGTH),
      status: 'active',
      turn_count: 0,
      title: titleFrom(title ?? prompt),
      parent_id: forks?.parent.id,
      forked_at: forks && (forks.at ?? forks.parent.turn_count ?? 0),
      name,
      worktree: task?.worktree ?? forks?.parent.worktree,
      run: task && {id: task.run, task: task.number},
      unconfirmed: {},
      running: ourProcess(turn),
    }
    addOwnData(created)
    try {
      await store.create(created)
      store.transcripts.keepPrompt(id, {prompt, options})
    } catch (error) {
      // A new session that cannot be written does not end the turn, unless its name is taken.
      if (isFailure(error) && error.kind === 'session') throw new Error(error.message, {cause: error})
      throw error
    }
  }

  return {
    id,
    turn: number,
    notices,
    continues: resumed && {...conversationOf(resumed), unconfirmed: unconfirmedOf(resumed, store)},
    forks: forks && forkedConversation(forks.parent, forks.at),

    async begin(start) {
      TURNS_HERE.add(turn)
      await begin(start)
      isOpen = true
      if (!settings.store_transcripts) return
      const {backend, model, notice, prompt, workingDir} = start
      transcript = new TranscriptWriter(store.transcripts.path(id), settings.store_token_usage, notice)
      transcript.begin({
        turn: number,
        prompt,
        backend,
        model,
        working_dir: workingDir,
      })
    },

    event: (event) => transcript?.event(event),

    update({agent, backendSessionId, hasRunTools, model, state}) {
      return change(store, id, (current) => {
        if (hasRunTools && current.unconfirmed) current.unconfirmed.tools = true
        if (agent && current.running) current.running.agent = agent
        current.backend_session_id = backendSessionId ?? current.backend_session_id
        current.model = model ?? current.model
        if (state !== undefined) current.backend_state = state
      })
    },

    async finish(result, isConfirmed) {
      const {error, model, outcome, usage} = result
      await transcript?.end(result)
      store.transcripts.hasChanged(id)
      await change(store, id, (current) => {
        delete current.running
        if (isConfirmed) delete current.unconfirmed
        current.last_used = new Date().toISOString()
        current.turn_count = (current.turn_count ?? 0) + 1
        current.last_outcome = outcome
        current.model = model ?? current.model
        current.error_message = error?.message
        if (settings.store_token_usage) addUsage(current, usage)
      })
      isOpen = false
      if (isConfirmed) store.transcripts.removePrompt(id)
    },

    async end() {
      TURNS_HERE.delete(turn)
      // For other processes, which see that this one lives. The error that kept it from finishing is reported elsewhere.
      if (isOpen) await clearRunning(store, {id}).catch(() => undefined)
    },
  }
}

export function forkedConversation(parent: SessionFile, at?: number): ForkedConversation {
  return {sessionId: parent.id, ...conversationOf(parent), model: parent.model, at}
}

/** The agent's conversation of a session, as the kit names it. */
export function conversationOf({
  backend,
  backend_session_id: id,
  backend_state: state,
  working_dir,
}: SessionFile) {
  return {backend, workingDir: working_dir, backendSessionId: id || undefined, state}
}

type Start = Parameters<TurnSessionRecord['begin']>[0]

/** The first prompt of a session, as long as its agent may not have recorded it. */
function unconfirmedOf({id, unconfirmed}: SessionFile, store: SessionStore): UnconfirmedPrompt | undefined {
  const kept = unconfirmed && store.transcripts.readPrompt(id)
  return kept && {...kept, hasRunTools: unconfirmed.tools === true}
}

/** Changes what is in the file now, and derives its status. */
export async function change(
  store: SessionStore,
  id: string,
  apply: (session: SessionFile) => void,
): Promise<void> {
  await store.update(id, (session) => {
    apply(session)
    session.status = statusOf(session)
  })
}

/** Marks a session as used by this process. `turn`: its id, where the process may run several. Throws a Failure while a turn of it runs. */
export function startRunning(session: SessionFile, turn?: string): void {
  refuseRunning(session, 'Wait until it has finished, or start a new session.')
  delete session.closed_at
  session.last_used = new Date().toISOString()
  session.running = ourProcess(turn)
}

/** Marks a session as paused whose turn has died, unless another has begun meanwhile. */
export async function clearRunning(store: SessionStore, {id}: Pick<SessionFile, 'id'>): Promise<void> {
  await change(store, id, (session) => {
    if (!session.running || isRunning(session)) return
    delete session.running
    session.last_outcome = 'cancelled'
  })
}

function ourProcess(turn: string | undefined): SessionFile['running'] {
  return {clinvk: identify(process.pid) ?? {pid: process.pid, started: 'unknown'}, turn}
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

/** Characters of the first prompt that are kept to recognise the session; the agent keeps all of it. */
const INITIAL_PROMPT_LENGTH = 4000
const BUSY_WAIT_MS = 2000
