import {Failure} from 'clinvk-kit/errors/failure'
import {realPathOf} from 'clinvk-kit/files/read-file'
import {loadSettings} from 'clinvk-kit/settings/load'
import type {SessionPlace} from '../lifecycle/place.js'
import type {SessionFilter} from '../store/index-entry.js'
import type {ListOptions, SessionList} from '../store/store.js'
import {withoutUsage} from './session-json.js'

export interface ListQuestion extends SessionFilter, ListOptions {
  /** Also conversations that agents had without clinvk. */
  readonly all?: boolean
}

/** The sessions that are asked for, without usage where the settings say that none is kept. Throws a Failure. */
export async function listSessions(
  {all, limit, offset, sort, ...asked}: ListQuestion,
  {config, io, note, store}: SessionPlace,
): Promise<SessionList> {
  const {directory, run} = asked
  const {store_token_usage: hasUsage} = (await loadSettings(io)).session
  if (run !== undefined && !/^[0-9a-f]{4,32}$/.test(run)) {
    const message = `"${run}" is not the id of a run: 4 to 32 of the digits 0-9 and a-f are expected.`
    throw new Failure('usage', message, ['parallel, chain and compare print it when they end.'])
  }

  const filter = {...asked, directory: directory === undefined ? undefined : realPathOf(directory)}
  const options = {limit, offset, sort}
  const list = all
    ? await (await import('../resolve/list-all.js')).listAll(store, filter, options, config)
    : store.list(filter, options)
  for (const sentence of list.skipped) note(sentence)
  return hasUsage ? list : {...list, sessions: list.sessions.map(withoutUsage), tokens: undefined}
}
