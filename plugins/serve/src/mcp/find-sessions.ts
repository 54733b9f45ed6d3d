import {parseTime} from 'clinvk-kit/format/parse-age'
import * as z from 'zod'
import {ANSWER_LENGTH, directory, limit, since, text, tool} from './tool.js'

export const search = tool({
  name: 'search',
  description:
    'Search everything that was said to and by coding agents on this machine: prompts, answers, tool calls. Use read to see more of a hit.',
  input: z.strictObject({
    query: text.describe('Words that must all be in a message.'),
    agent: text.optional(),
    directory,
    since,
    limit: limit(20),
  }),
  isReadOnly: true,
  async run({agent: backend, query, since, ...filter}, context, {signal: stop}) {
    const {clinvk} = await context.open()
    const words = query.split(/\s+/).filter(Boolean)
    const asked = {...filter, words, backend, since: timeOf(since)}
    const {hits, total} = await clinvk.history.search(asked, {stop})
    const found = hits.map((hit) => ({
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
  },
})

export const sessions = tool({
  name: 'sessions',
  description: 'List sessions of coding agents on this machine, the last used first.',
  input: z.strictObject({
    agent: text.optional(),
    directory,
    status: z.enum(['active', 'paused', 'completed', 'error', 'running']).optional(),
    tag: text.optional(),
    since,
    limit: limit(20),
  }),
  isReadOnly: true,
  async run({agent: backend, since, tag, ...filter}, context) {
    const {clinvk} = await context.open()
    const tags = tag === undefined ? undefined : [tag]
    const {sessions: all, total} = await clinvk.sessions.list({
      ...filter,
      backend,
      tags,
      since: timeOf(since),
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
  },
})

function timeOf(since: string | undefined): Date | undefined {
  return since === undefined ? undefined : parseTime(since, 'since')
}

/** As many of these, from the first one on, as an answer has room for. */
function fitting<Item>(items: readonly Item[]): Item[] {
  let left = ANSWER_LENGTH
  return items.filter((item) => (left -= JSON.stringify(item).length) >= 0)
}
