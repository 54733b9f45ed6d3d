import {parseTime} from 'clinvk-kit/format/parse-age'
import type {SessionFilter} from 'clinvk-kit/for-plugins/sessions'
import {type Answer, fitting} from './answer.js'
import type {Place} from './place.js'

export interface SearchInput {
  readonly query: string
  readonly agent?: string
  readonly directory?: string
  readonly since?: string
  readonly limit: number
}

/** Messages in which all words stand, the best first. */
export async function search(input: SearchInput, place: Place, stop: AbortSignal): Promise<Answer> {
  const {agent: backend, directory, limit, query, since} = input
  const {clinvk} = await place.open()
  const words = query.split(/\s+/).filter(Boolean)
  const {hits, total} = await clinvk.history.search(
    {words, backend, directory, since: since === undefined ? undefined : parseTime(since, 'since'), limit},
    {stop},
  )
  const found = (hits as readonly Fields[]).map((hit) => ({
    session: hit.session_id ?? hit.backend_session_id,
    agent: hit.backend,
    directory: hit.working_dir,
    title: hit.title,
    turn: hit.turn,
    role: hit.role,
    at: hit.at,
    snippet: hit.snippet,
  }))
  return {data: {hits: fitting(found), total}}
}

export interface SessionsInput {
  readonly agent?: string
  readonly directory?: string
  readonly status?: SessionFilter['status']
  readonly tag?: string
  readonly since?: string
  readonly limit: number
}

/** The sessions of clinvk, the last used first. */
export async function sessions(input: SessionsInput, place: Place): Promise<Answer> {
  const {agent: backend, directory, limit, since, status, tag} = input
  const {clinvk} = await place.open()
  const {sessions: all, total} = await clinvk.sessions.list({
    backend,
    directory,
    status,
    tags: tag === undefined ? undefined : [tag],
    since: since === undefined ? undefined : parseTime(since, 'since'),
    limit,
  })
  const found = all.map((session) => ({
    session: session.id,
    agent: session.backend,
    name: session.name,
    title: session.title,
    directory: session.working_dir,
    status: session.running ? 'running' : session.status,
    model: session.model,
    turns: session.turn_count,
    last_used: session.last_used,
    tags: session.tags,
  }))
  return {data: {sessions: fitting(found), total}}
}

type Fields = Readonly<Record<string, unknown>>
