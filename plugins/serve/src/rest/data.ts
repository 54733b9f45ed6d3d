import {findExecutable} from 'clinvk-kit/backends/find-executable'
import {ioOf} from 'clinvk-kit/command'
import {ServerFailure} from '../core/errors.js'
import {type Call, route} from './route.js'
import {deleteQuery, logQuery, searchQuery, sessionBody, sessionsQuery, usageQuery} from './schemas.js'

/** Routes that look at what clinvk keeps, and change it. */
export const dataRoutes = [
  route({
    method: 'get',
    path: '/api/v1/backends',
    summary: 'The backends, and whether their agents are installed.',
    async handle({c, door: {clinvk, config}}) {
      const {backends} = await clinvk.kit.lookAround()
      const {env} = ioOf(config)
      const list = [...backends].map(([name, entry]) => {
        const {capabilities, models = {}, title} = entry.descriptor
        return {
          name,
          title,
          available: findExecutable(entry, env) !== undefined,
          models: Object.keys(models),
          capabilities,
        }
      })
      return c.json({backends: list})
    },
  }),
  route({
    method: 'get',
    path: '/api/v1/sessions',
    summary: 'Sessions, the last used first.',
    query: sessionsQuery,
    handle: async ({c, door, query}) => c.json(await door.clinvk.sessions.list(query, QUIET)),
  }),
  route({
    method: 'get',
    path: '/api/v1/sessions/:id',
    summary: 'One session, by id, the beginning of one, name or @last.',
    handle: async ({c, door, id}) => c.json(await door.clinvk.sessions.show(id, {}, QUIET)),
  }),
  route({
    method: 'patch',
    path: '/api/v1/sessions/:id',
    summary: 'Rename, tag, close or reopen a session.',
    body: sessionBody,
    async handle({body: {add_tags: add, closed, name, remove_tags: remove}, c, door, id}) {
      const {sessions} = door.clinvk
      if (name !== undefined) await sessions.rename(id, name, QUIET)
      if (add || remove) await sessions.tag(id, {add, remove}, QUIET)
      if (closed !== undefined) await (closed ? sessions.close(id, QUIET) : sessions.reopen(id, QUIET))
      return c.json(await sessions.show(id, {}, QUIET))
    },
  }),
  route({
    method: 'delete',
    path: '/api/v1/sessions/:id',
    summary: 'Delete a session.',
    query: deleteQuery,
    handle: async ({c, door, id, query: {agent, with_forks: withForks}}) =>
      c.json(await door.clinvk.sessions.delete(id, {agent, withForks}, QUIET)),
  }),
  route({
    method: 'get',
    path: '/api/v1/sessions/:id/log',
    summary: 'What was said in a session.',
    query: logQuery,
    async handle({c, door, id, query}) {
      if ([query.from, query.turn, query.last].filter((one) => one !== undefined).length > 1)
        throw new ServerFailure('usage', 'Only one of from, turn and last can be given.', [], 'usage')
      return c.json(await door.clinvk.history.log(id, query, stoppable(c)))
    },
  }),
  route({
    method: 'get',
    path: '/api/v1/search',
    summary: 'Messages in which words stand.',
    query: searchQuery,
    async handle({c, door, query: {q, ...query}}) {
      const words = q.trim().split(/\s+/)
      return c.json(await door.clinvk.history.search({...query, words}, stoppable(c)))
    },
  }),
  route({
    method: 'get',
    path: '/api/v1/usage',
    summary: 'Tokens and cost.',
    query: usageQuery,
    handle: async ({c, door, query}) => c.json(await door.clinvk.history.usage(query, stoppable(c))),
  }),
  route({
    method: 'get',
    path: '/api/v1/runs',
    summary: 'Runs of many prompts, the newest first.',
    handle: ({c, door}) => c.json({runs: door.clinvk.kit.runs.list()}),
  }),
  route({
    method: 'get',
    path: '/api/v1/runs/:id',
    summary: 'One run.',
    handle: ({c, door, id}) => c.json(door.clinvk.kit.runs.show(id)),
  }),
  route({
    method: 'post',
    path: '/api/v1/runs/:id/cancel',
    summary: 'End a run that this server has started.',
    handle: async ({c, door, id}) => c.json(await door.clinvk.kit.runs.cancel(id)),
  }),
  route({
    method: 'get',
    path: '/api/v1/turns',
    summary: 'The turns that run in this server.',
    handle({c, door}) {
      const turns = door.clinvk.kit.turns().map(({backend, id, run, sessionId, since}) => ({
        id,
        backend,
        session_id: sessionId,
        run_id: run,
        since,
      }))
      return c.json({turns})
    },
  }),
  route({
    method: 'post',
    path: '/api/v1/turns/:id/cancel',
    summary: 'End a turn.',
    handle({c, door, id}) {
      const turn = door.clinvk.kit.turns().find((one) => one.id === id)
      if (!turn)
        throw new ServerFailure('not_found', 'No such turn runs.', ['Those that do: GET /api/v1/turns'])
      turn.cancel()
      return c.json({id, cancelled: true}, 202)
    },
  }),
]

function stoppable(c: Call['c']) {
  return {...QUIET, stop: c.get('client').gone}
}

/** Notes are for who sits before the command. */
const QUIET = {note: () => undefined}
