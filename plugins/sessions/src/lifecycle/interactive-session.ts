import {realpathSync} from 'node:fs'
import type {Config} from '@oclif/core'
import {backendsOf} from 'clinvk-kit/backends/discover'
import type {IO} from 'clinvk-kit/io'
import {formatNumber} from 'clinvk-kit/format/text'
import {messageOf, exitCode} from 'clinvk-kit/errors/failure'
import {identify, type ProcessIdentity} from 'clinvk-kit/process/identity'
import type {Settings} from 'clinvk-kit/settings/settings'
import {
  runInteractive,
  type InteractiveEnd,
  prepareInteractive,
  syncTranscript,
  type SyncedTranscript,
} from 'clinvk-kit/turn/interactive-session'
import {announce} from './announce.js'
import {type SessionFile, shortId} from '../store/session-file.js'
import {checkResumable, refuseRunning, statusOf} from '../store/status.js'
import {SessionStore} from '../store/store.js'
import {addUsage} from '../store/usage.js'

export interface HandOverOptions {
  readonly config: Config
  readonly io: IO
  readonly settings: Settings
  readonly model?: string | undefined
}

/**
 * Opens the agent's own program on a session, here in the terminal, and takes up
 * what was said there when it has ended. Returns the exit code. Throws a Failure
 * when it cannot be opened; then nothing has changed.
 */
export async function openInteractiveSession(
  session: SessionFile,
  {config, io, model, settings}: HandOverOptions,
): Promise<number> {
  const {env} = io
  const note = (message: string) => io.stderr.write(`Note: ${message}\n`)
  const {backends, problems} = backendsOf(config)
  for (const problem of problems) note(problem)
  checkResumable(session)
  const here = realpathSync(io.cwd)
  const prepared = await prepareInteractive(
    {
      backend: session.backend,
      conversation: conversationOf(session, here),
      model,
    },
    {backends, settings, env},
  )

  const store = new SessionStore(env)
  const update = (change: (current: SessionFile) => void) =>
    store.update(session.id, (current) => {
      change(current)
      current.status = statusOf(current)
    })
  // The agent has the terminal, or has had it: what cannot be written is said, and ends nothing.
  const attempt = async (write: () => Promise<unknown>) => {
    try {
      await write()
    } catch (error) {
      note(`The session cannot be saved: ${messageOf(error)}`)
    }
  }

  const opened = await update(open)
  const {conversation, entry} = prepared
  const where = conversation.cwd === here ? '' : ` in ${conversation.cwd}`
  io.stderr.write(`Session ${shortId(session)} goes on${where} with ${entry.descriptor.title} itself.\n`)
  if (session.closed_at !== undefined) note(`Session ${shortId(session)} was closed; it is open again.`)
  const told = announce(config, 'session:resumed', opened, note)

  let end: InteractiveEnd | undefined
  let marked: Promise<void> | undefined
  try {
    end = await runInteractive(prepared, (agent) => {
      marked = attempt(() => update((current) => holdBy(current, agent)))
    })
    await marked
    const taken = await syncTranscript(prepared, end.startedAt, note)
    const since = end
    await attempt(() => update((current) => close(current, since, taken, settings.session.store_token_usage)))
    io.stderr.write(summary(session, taken))
  } finally {
    // It did not even start.
    if (!end) await attempt(() => update((current) => delete current.running))
  }

  await told
  if (end.stoppedBy !== undefined) return exitCode('cancelled', end.stoppedBy)
  return end.code === 0 ? 0 : 1
}

function conversationOf(
  {backend_session_id: id, backend_state: state, working_dir: cwd}: SessionFile,
  here: string,
) {
  return {id: id!, cwd: cwd || here, ...(state === undefined ? {} : {state})}
}

function open(session: SessionFile): void {
  refuseRunning(session, 'Wait until it has finished, or start a new session.')
  delete session.closed_at
  session.last_used = new Date().toISOString()
  session.running = {clinvk: identify(process.pid) ?? {pid: process.pid, started: 'unknown'}}
}

function holdBy({running}: SessionFile, agent: ProcessIdentity | undefined): void {
  if (running && agent) running.agent = agent
}

function close(
  session: SessionFile,
  end: InteractiveEnd,
  taken: SyncedTranscript | undefined,
  storeTokens: boolean,
): void {
  delete session.running
  const used = taken ? taken.lastUsed : end.endedAt.toISOString()
  if (used !== undefined && used > session.last_used) session.last_used = used
  if (!taken) return
  if (taken.state !== undefined) session.backend_state = taken.state
  if (taken.turns === 0) return
  session.turn_count = (session.turn_count ?? 0) + taken.turns
  if (taken.model !== undefined) session.model = taken.model
  // Whatever the last turn under clinvk has met, the conversation went on since.
  session.last_outcome = 'success'
  delete session.error_message
  if (storeTokens) addUsage(session, taken.usage)
}

function summary(session: SessionFile, taken: SyncedTranscript | undefined): string {
  return `Session ${shortId(session)}: ${whatWasSaid(taken)}. Go on: clinvk resume ${shortId(session)}\n`
}

function whatWasSaid(taken: SyncedTranscript | undefined): string {
  if (!taken) return 'the agent keeps nothing that turns could be counted by'
  if (taken.turns === 0) return 'no new turn'
  const turns = taken.turns === 1 ? '1 turn' : `${taken.turns} turns`
  const total = taken.usage?.total_tokens
  return total === undefined ? turns : `${turns}, ${formatNumber(total)} tokens`
}
