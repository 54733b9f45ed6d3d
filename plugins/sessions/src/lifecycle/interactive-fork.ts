import {backendsOf} from 'clinvk-kit/backends/discover'
import {Failure} from 'clinvk-kit/errors/failure'
import {randomHex} from 'clinvk-kit/format/random-id'
import {loadSettings} from 'clinvk-kit/settings/load'
import type {HandOffQuestion} from 'clinvk-kit/turn/context'
import {handOffFor} from 'clinvk-kit/turn/session-turn'
import {askHandOff} from 'clinvk-kit/turn/hooks'
import {backendOf} from 'clinvk-kit/turn/prepare'
import {type SessionFile, shortId} from '../store/session-file.js'
import {statusOf} from '../store/status.js'
import {checkName, titleOf} from '../view/labels.js'
import {openInteractiveSession} from './interactive-session.js'
import type {SessionPlace} from './place.js'
import {forkedConversation} from './turn-record.js'

export interface ForkOptions {
  /** A file of settings that the user has named. */
  readonly file?: string
  /** Who continues it; absent: the agent of the session. */
  readonly backend?: string
  readonly at?: number
  readonly model?: string
  readonly name?: string
  readonly tags: readonly string[]
}

/** Opens an agent's own program on a copy of a session. Returns the exit code. Throws a Failure when it cannot be opened. */
export async function openFork(
  parent: SessionFile,
  {at, backend = parent.backend, file, model, name, tags}: ForkOptions,
  place: SessionPlace,
): Promise<number> {
  const {config, io, note, store} = place
  const settings = await loadSettings({cwd: io.cwd, env: io.env, file})
  const {backends} = await backendsOf(config)
  const entry = backendOf(backend, {backends, settings})
  const ask = (question: HandOffQuestion) => askHandOff(config, question)
  const handOff = await handOffFor(forkedConversation(parent, at), entry, {model, prompt: ''}, ask)
  if (handOff && !handOff.conversation) {
    const message = `${entry.descriptor.title} can be given the conversation only with a prompt.`
    throw new Failure('refused', message, [`Try: clinvk fork ${shortId(parent)} -b ${backend} "continue"`])
  }

  if (handOff?.notice !== undefined) note(handOff.notice)
  if (name !== undefined) checkName(name)
  await handOff?.write()
  const now = new Date().toISOString()
  const session: SessionFile = {
    id: randomHex(),
    backend,
    created_at: now,
    last_used: now,
    working_dir: parent.working_dir,
    worktree: parent.worktree,
    backend_session_id: handOff?.conversation?.id,
    backend_state: handOff?.conversation?.state,
    title: titleOf(parent),
    turn_count: 0,
    parent_id: parent.id,
    forked_at: at ?? parent.turn_count ?? 0,
    name,
    tags: [...new Set([...settings.session.default_tags, ...tags])],
    last_outcome: 'success',
    // Until the agent has made the copy, `resume` would let it make one.
    unconfirmed: handOff ? undefined : {},
  }
  session.status = statusOf(session)
  try {
    await store.create(session)
    const forks = handOff ? undefined : parent
    return await openInteractiveSession(session, {file, model, isNew: true, forks}, place)
  } catch (error) {
    await store.delete(session.id, () => true)
    await handOff?.remove()
    throw error
  }
}
