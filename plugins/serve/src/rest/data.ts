import {findExecutable} from 'clinvk-kit/backends/find-executable'
import {Failure} from 'clinvk-kit/errors/failure'
import {ServerFailure} from '../core/errors.js'
import type {Door} from '../http/door.js'
import {type Call, type Route, route} from '../http/route.js'
import {deleteQuery, logQuery, searchQuery, sessionBody, sessionsQuery, usageQuery} from './schemas.js'

/** Routes that look at what clinvk keeps, and change it. */
export function dataRoutes({clinvk, env}: Door): Route[] {
  const {history, kit, sessions} = clinvk
  return [
    route('GET /api/v1/backends', 'The backends, and whether their agents are installed.', {}, async () => {
      const {backends} = await kit.lookAround()
      const list = [...backends].map(([name, entry]) => {
        const {capabilities, models = {}, title} = entry.descriptor
        const available = findExecutable(entry, env) !== undefined
        return {name, title, available, models: Object.keys(models), capabilities}
      })
      return {backends: list}
    }),
    route('GET /api/v1/sessions', 'Sessions, the last used first.', {query: sessionsQuery}, ({query}) =>
      sessions.list(query, QUIET),
    ),
    route(
      'GET /api/v1/sessions/:id',
      'One session, by id, the beginning of one, name or @last.',
      {},
      ({id}) => sessions.show(id, {}, QUIET),
    ),
    route(
      'PATCH /api/v1/sessions/:id',
      'Rename, tag, close or reopen a session.',
      {body: sessionBody},
      async ({body: {add_tags: add, closed, name, remove_tags: remove}, id}) => {
        if (name !== undefined) await sessions.rename(id, name, QUIET)
        if (add || remove) await sessions.tag(id, {add, remove}, QUIET)
        if (closed !== undefined) await (closed ? sessions.close(id, QUIET) : sessions.reopen(id, QUIET))
        return sessions.show(id, {}, QUIET)
      },
    ),
    route(
      'DELETE /api/v1/sessions/:id',
      'Delete a session.',
      {query: deleteQuery},
      ({id, query: {agent, with_forks: withForks}}) => sessions.delete(id, {agent, withForks}, QUIET),
    ),
    route(
      'GET /api/v1/sessions/:id/log',
      'What was said in a session.',
      {query: logQuery},
      async ({c, id, query}) => {
        if ([query.from, query.turn, query.last].filter((one) => one !== undefined).length > 1)
          throw new Failure('usage', 'Only one of from, turn and last can be given.')
        return {version: 1, ...(await history.log(id, query, stoppable(c)))}
      },
    ),
    route(
      'GET /api/v1/search',
      'Messages in which words stand.',
      {query: searchQuery},
      ({c, query: {q, ...query}}) => history.search({...query, words: q.trim().split(/\s+/)}, stoppable(c)),
    ),
    route('GET /api/v1/usage', 'Tokens and cost.', {query: usageQuery}, ({c, query}) =>
      history.usage(query, stoppable(c)),
    ),
    route('GET /api/v1/runs', 'Runs of many prompts, the newest first.', {}, () => ({
      runs: kit.runs.list(),
    })),
    route('GET /api/v1/runs/:id', 'One run.', {}, ({id}) => kit.runs.show(id)),
    route('POST /api/v1/runs/:id/cancel', 'End a run that this server has started.', {}, ({id}) =>
      kit.runs.cancel(id),
    ),
    route('GET /api/v1/turns', 'The turns that run in this server.', {}, () => ({
      turns: kit.turns().map(({backend, id, run, sessionId, since}) => ({
        id,
        backend,
        session_id: sessionId,
        run_id: run,
        since,
      })),
    })),
    route('POST /api/v1/turns/:id/cancel', 'End a turn.', {}, ({c, id}) => {
      const turn = kit.turns().find((one) => one.id === id)
      if (!turn)
        throw new ServerFailure('not_found', 'No running turn has this id.', [
          'Running turns: GET /api/v1/turns',
        ])
      turn.cancel()
      return c.json({id, cancelled: true}, 202)
    }),
  ]
}

function stoppable(c: Call['c']) {
  return {...QUIET, stop: c.get('client').gone}
}

/** Notes are for who sits before the command. */
const QUIET = {note: () => undefined}
