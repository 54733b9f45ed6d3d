import {realpathSync} from 'node:fs'
import {backendsOf} from 'clinvk-kit/backends/discover'
import {exitCode, Failure, messageOf} from 'clinvk-kit/errors/failure'
import {counted, formatNumber} from 'clinvk-kit/format/text'
import {emitEvent, runHook} from 'clinvk-kit/hooks/run-hook'
import {loadSettings} from 'clinvk-kit/settings/load'
import {
  conversationIds, forkOf, type InteractiveEnd, prepareInteractive, runInteractive, type SyncedTranscript, syncTranscript,
} from 'clinvk-kit/turn/interactive-session' // prettier-ignore
import {type SessionFile, shortId} from '../store/session-file.js'
import {checkResumable} from './refuse.js'
import {addUsage} from '../store/usage.js'
import {announce, announceDeleted, type SessionPlace} from './place.js'
import {remadeTree} from './session-tree.js'
import {change, startRunning} from './turn-record.js'

export interface InteractiveOptions {
  /** A file of settings that the user has named. */
  readonly file?: string
  readonly model?: string
  /** Whether the session was made for this. */
  readonly isNew?: boolean
  /** The agent opens a copy of this one's conversation, which is the session's from then on. */
  readonly forks?: SessionFile
}

/**
 * Opens the agent's own program on a session, here in the terminal, and adds to the session what was said
 * there. Returns the exit code. Throws a Failure when it cannot be opened; then nothing has changed.
 */
export async function openInteractiveSession(
  session: SessionFile,
  {file, forks, isNew, model}: InteractiveOptions,
  place: SessionPlace,
): Promise<number> {
  const {config, io, note, store} = place
  const {backend, closed_at, id, unconfirmed, working_dir} = session
  const {backend_session_id: conversationId, backend_state: state} = forks ?? session
  const settings = await loadSettings({cwd: io.cwd, env: io.env, file})
  const {backends, problems} = await backendsOf(config)
  for (const problem of problems) note(problem)
  if (!forks) checkResumable(session)
  if (!conversationId) {
    const resume = `clinvk resume ${shortId(session)} "continue"`
    throw new Failure(
      'session',
      `Session ${shortId(session)} has no conversation that could be opened yet.`,
      [`Start it again with a prompt: ${resume}`],
    )
  }

  const here = realpathSync(io.cwd)
  const restored = await runHook<string>(config, 'history:restore', {backend, id: conversationId}, RESTORE_MS)
  for (const {answer} of restored.answers) note(answer)
  for (const {message} of restored.failures) note(message)
  const remade = await remadeTree(session, settings, io.env)
  if (remade !== undefined) note(remade)
  const prepared = await prepareInteractive(
    {
      backend,
      sessionId: id,
      conversation: {id: conversationId, cwd: working_dir || here, state},
      isUnconfirmed: !forks && unconfirmed !== undefined,
      isFork: forks !== undefined,
      model,
    },
    {backends, settings, env: io.env},
  )

  // From here on the agent has the terminal: a write that fails is reported, and ends nothing.
  const save = async (apply: (current: SessionFile) => void) => {
    try {
      await change(store, id, apply)
    } catch (error) {
      note(`The session cannot be saved: ${messageOf(error)}`)
    }
  }

  const known = forks && (await conversationIds(prepared))
  await change(store, id, (current) => startRunning(current))
  const {conversation, entry} = prepared
  const where = conversation.cwd === here ? '' : ` in ${conversation.cwd}`
  io.stderr.write(`Session ${shortId(session)} continues${where} in ${entry.descriptor.title} itself.\n`)
  if (closed_at !== undefined) note(`Session ${shortId(session)} was closed; it is open again.`)
  const announced = announce(isNew ? 'session:created' : 'session:resumed', session, place)

  let end: InteractiveEnd | undefined
  let marked: Promise<void> | undefined
  let continued = conversation
  try {
    end = await runInteractive(prepared, (agent) => {
      marked = save(({running}) => {
        if (running && agent) running.agent = agent
      })
    })
    // The first Ctrl-C after the agent's end does not keep its turns from being counted; the second one does.
    io.interrupts()
    await marked
    const {endedAt, startedAt} = end
    const made = known ? await forkOf(prepared, known) : conversation
    if (!made) {
      await announced
      await store.delete(id, () => true)
      await announceDeleted([session], place)
      note(`${entry.descriptor.title} has made no copy, so there is no fork.`)
      return end.code === 0 ? 0 : 1
    }

    continued = made
    const synced = await syncTranscript({...prepared, conversation: made}, startedAt, note)
    store.transcripts.hasChanged(id)
    await save((current) => {
      current.backend_session_id = made.id
      if (forks) delete current.unconfirmed
      finish(current, endedAt, synced, settings.session.store_token_usage)
    })
    const added = `Session ${shortId(session)}: ${whatWasAdded(synced)}.`
    io.stderr.write(`${added} Resume it: clinvk resume ${shortId(session)}\n`)
  } finally {
    // It did not even start.
    if (!end) await save((current) => delete current.running)
  }

  await announced
  // No event is emitted for the turns in it.
  await emitEvent(config, 'history:archive', {backend, id: continued.id, cwd: conversation.cwd}, note)
  if (end.stoppedBy !== undefined) return exitCode('cancelled', end.stoppedBy)
  return end.code === 0 ? 0 : 1
}

function finish(
  session: SessionFile,
  endedAt: Date,
  synced: SyncedTranscript | undefined,
  storeTokens: boolean,
): void {
  delete session.running
  const used = synced ? synced.lastUsed : endedAt.toISOString()
  if (used !== undefined && used > session.last_used) session.last_used = used
  if (!synced) return
  if (synced.state !== undefined) session.backend_state = synced.state
  if (synced.turns === 0) return
  delete session.unconfirmed
  session.turn_count = (session.turn_count ?? 0) + synced.turns
  session.model = synced.model ?? session.model
  // However the last turn under clinvk ended, the conversation has continued since.
  session.last_outcome = 'success'
  delete session.error_message
  if (storeTokens) addUsage(session, synced.usage)
}

function whatWasAdded(synced: SyncedTranscript | undefined): string {
  if (!synced) return 'the agent keeps no record, so new turns are not counted'
  if (synced.turns === 0) return 'no new turn'
  const total = synced.usage?.total_tokens
  return counted(synced.turns, 'turn') + (total === undefined ? '' : `, ${formatNumber(total)} tokens`)
}

const RESTORE_MS = 30_000
