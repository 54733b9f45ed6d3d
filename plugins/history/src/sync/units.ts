import {statSync} from 'node:fs'
import {homedir} from 'node:os'
import type {Ask, ConversationAbout, Files, RecordedConversation} from 'clinvk-contract'
import type {BackendEntry} from 'clinvk-kit/backends/discover'
import {findExecutable} from 'clinvk-kit/backends/find-executable'
import {messageOf} from 'clinvk-kit/errors/failure'
import type {SessionStore} from 'clinvk-plugin-sessions/store/store'
import {type HistoryContext, type Subject, unreadable} from '../transcript/read-turns.js'
import {type RecordAccess, recordAccess} from '../transcript/record-access.js'
import {type Source, sourceKey, type Sources} from './sources.js'

/** A session with its conversation, or one of them alone: what is read at once. */
export interface Unit extends Pick<Source, 'backend' | 'conversation' | 'session' | 'sessionStamp'> {
  /** Further sessions on this conversation, which were used less lately: what clinvk has written of them is read, too. */
  readonly others?: readonly string[]
  /** Where the agent has it. */
  readonly recorded?: RecordedConversation
  readonly access?: RecordAccess
  /** Of the agent's record, empty where there is none, and of clinvk's own transcript. */
  readonly record: string
  readonly own: string
  /** Milliseconds since 1970; 0 where it is unknown. */
  readonly changedAt: number
}

export interface UnitsContext extends Required<HistoryContext> {
  readonly signal?: AbortSignal
  /** Gets the backends of which some conversations may be missing. */
  readonly unlisted?: Set<string>
}

/** All that there is to read, by `sourceKey`. Looks at files, and reads none but those of new sessions. */
export async function findUnits(
  store: SessionStore,
  known: Sources,
  context: UnitsContext,
): Promise<Map<string, Unit>> {
  const found = await Promise.all([...context.backends.values()].map((entry) => recordsOf(entry, context)))
  const units = new Map(found.flat().map((unit) => [sourceKey(unit), unit]))
  const sessions = new Map([...known.values()].map((source) => [source.session, source]))
  for (const {id, stamp, used} of store.entries()) {
    const known = sessions.get(id)
    let {backend, conversation} = known ?? {}
    if (known?.sessionStamp !== stamp) {
      const session = store.files.read(id)
      if (typeof session !== 'object') continue
      ;({backend, backend_session_id: conversation} = session)
    }

    const unit = {
      backend: backend!,
      conversation: conversation || undefined,
      session: id,
      sessionStamp: stamp,
    }
    const key = sourceKey(unit)
    const found = units.get(key)
    const own = stampOf([statSync(store.transcripts.path(id), {throwIfNoEntry: false})])
    units.set(
      key,
      found?.session === undefined
        ? {record: '', changedAt: used, ...found, ...unit, own}
        : {...found, others: [...(found.others ?? []), id], own: `${found.own}+${own}`},
    )
  }

  return units
}

/** What is to be read of a unit. */
export function subjectOf(
  {backend, conversation: id, others, recorded, session}: Unit,
  store: SessionStore,
  {cwd}: ConversationAbout,
): Subject {
  const [found] = session === undefined ? [] : store.readAll([session])
  const conversation = id === undefined ? undefined : {backend, id, cwd: cwd ?? found?.working_dir}
  return {session: found, others, recorded, conversation}
}

/** What an agent keeps; nothing where that cannot be told. */
export async function recordsOf(
  entry: BackendEntry,
  {env, notice, signal: stop, unlisted}: UnitsContext,
): Promise<Unit[]> {
  const {name: backend} = entry
  try {
    const found = await recordAccess(entry, {cwd: env.HOME || homedir(), env, stop}, (error) => {
      unlisted?.add(backend)
      notice(unreadable(backend, error))
    })
    if (!found) return []
    const {files, history} = found
    const ask: Ask = async (asked) => {
      const answer = await found.ask(asked)
      if (!answer) unlisted?.add(backend)
      return answer
    }
    const units: Unit[] = []
    for (const recorded of await history.conversations(files, ask)) {
      const {about, id: conversation, version} = recorded
      const {changedAt, stamp} =
        version === undefined ? await stampOfFiles(recorded, files) : {changedAt: 0, stamp: version}
      const time = changedAt || Date.parse(about?.updatedAt ?? '') || 0
      units.push({
        backend,
        conversation,
        recorded,
        access: {...found, ask},
        record: stamp,
        own: '',
        changedAt: time,
      })
    }

    return units
  } catch (error) {
    unlisted?.add(backend)
    if (findExecutable(entry, env))
      notice(`The conversations of ${backend} cannot be listed: ${messageOf(error)}`)
    return []
  }
}

async function stampOfFiles(
  {paths}: RecordedConversation,
  files: Files,
): Promise<{changedAt: number; stamp: string}> {
  const stats = []
  for (const path of paths) {
    const found = await files.stat(path)
    if (found) stats.push({size: found.size, mtimeMs: found.changedAt})
  }

  return {changedAt: Math.max(0, ...stats.map(({mtimeMs}) => mtimeMs)), stamp: stampOf(stats)}
}

/** How many files, their bytes, and the sum of their times. */
export function stampOf(
  stats: readonly ({readonly size: number; readonly mtimeMs: number} | undefined)[],
): string {
  const found = stats.filter((stat) => stat !== undefined)
  if (found.length === 0) return ''
  const sums = [
    found.length,
    sum(found.map(({size}) => size)),
    sum(found.map(({mtimeMs}) => Math.round(mtimeMs))),
  ]
  return sums.map((value) => value.toString(36)).join('-')
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
