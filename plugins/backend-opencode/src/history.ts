import {isAbsolute} from 'node:path'
import {asText, countOf, inputOf, type Parsed, parseLine, timeOf} from 'clinvk-backend-sdk'
import type {Ask, History, RecordedConversation, TranscriptEntry, TranscriptMessage} from 'clinvk-contract'
import {ID, OFFLINE, query, quoted} from './database.js'
import {toolTarget} from './denial.js'
import {countsOf, INFO, numbersOf, PART, type Part} from './messages.js'
import {write} from './write.js'

/** What opencode 1.18 keeps in its database, asked for in as few questions as fit an answer. */
export const history: History = {
  async conversations(_files, ask, only) {
    const found: RecordedConversation[] = []
    if (only && !ID.test(only.id)) return found
    let after = 0
    for (;;) {
      const rows = (await query(ask, sessionsAfter(after, only?.id), SESSION)) ?? []
      for (const {created, directory, id, last, origin, row, title, updated} of rows) {
        after = Math.max(after, countOf(row) ?? 0)
        if (id === undefined || !ID.test(id)) continue
        const cwd = directory !== undefined && isAbsolute(directory) ? directory : undefined
        const times = {startedAt: timeOf(created), updatedAt: timeOf(updated)}
        const about = {cwd, title: titleOf(title), forkedFrom: origin, ...times}
        found.push({id, paths: [], version: asText([updated, last]), about})
      }

      if (rows.length < SESSIONS) return found
    }
  },

  async *transcript({id}, _files, ask) {
    if (!ID.test(id)) return
    const counted = new Set<string>()
    const message: Row[] = []
    for await (const row of partsOf(id, ask)) {
      if (message[0] && message[0].message !== row.message) yield* entriesOf(message.splice(0), id, counted)
      message.push(row)
    }

    if (message.length > 0) yield* entriesOf(message, id, counted)
  },

  write,
  exportProgram: (id) => ({args: ['export', id], env: OFFLINE}),
  importProgram: (path) => ({args: ['import', path], env: OFFLINE}),
}

/**
 * Sub-agents are sessions with a parent. A row id tells where to go on; a change of a session is a change of its times. A
 * fork does not name its origin, but has messages that are older than itself, and another session has one of the same time.
 */
const sessionsAfter = (row: number, only: string | undefined) => `
select
  rowid as row, id, directory, substr(title, 1, 500) as title, time_created as created, time_updated as updated,
  (select max(time_created) from message where session_id = session.id) as last,
  (
    select origin.id from (
      select time_created as at from message
      where session_id = session.id and time_created < session.time_created order by 1 desc limit 4
    ) as copied
    cross join session as origin on origin.time_created <= copied.at and origin.id != session.id
    cross join message as twin on twin.session_id = origin.id and twin.time_created = copied.at
    order by copied.at desc limit 1
  ) as origin
from session
where ${only === undefined ? 'parent_id is null' : `id = ${quoted(only)}`} and rowid > ${row}
order by rowid limit ${SESSIONS}
`

/** The parts of a conversation and its sub-agents, each with its message, in order. A message may have none. */
async function* partsOf(id: string, ask: Ask): AsyncGenerator<Row> {
  let after = "-1, '', ''"
  for (;;) {
    const rows = await query(ask, partsAfter(id, after), ROW)
    if (!rows) throw new Error('opencode does not answer')
    yield* rows
    const last = rows.at(-1)
    if (!last || (last.total === rows.length && rows.length < PARTS)) return
    after = `${countOf(last.at) ?? 0}, ${quoted(last.message ?? '')}, ${quoted(last.part ?? '')}`
  }
}

/** As many as fit an answer, at least one; of a part that alone does not, only the beginning of its text. */
const partsAfter = (id: string, after: string) => `
with recursive family(id) as (
  select id from session where id = ${quoted(id)}
  union select session.id from session join family on session.parent_id = family.id
),
found as (
  select
    message.time_created as at, message.id as message, coalesce(part.id, '') as part, message.session_id as session,
    message.data as about, part.time_created as begun,
    iif(length(part.data) <= ${LARGEST_PART}, part.data, iif(json_valid(part.data), json_object(
      'type', part.data ->> 'type', 'tool', part.data ->> 'tool', 'callID', part.data ->> 'callID',
      'synthetic', part.data -> 'synthetic', 'text', substr(part.data ->> 'text', 1, ${LARGEST_PART / 2})
    ), null)) as data
  from family
  join message on message.session_id = family.id
  left join part on part.message_id = message.id
  where (message.time_created, message.id, coalesce(part.id, '')) > (${after}) and length(message.data) < ${LARGEST_PART}
  order by 1, 2, 3 limit ${PARTS}
),
sized as (
  select *, sum(coalesce(length(data), 0) + length(about)) over (order by at, message, part rows unbounded preceding)
    as size, row_number() over (order by at, message, part) as number, count(*) over () as total
  from found
)
select at, message, part, session, about, begun, data, total from sized
where size <= ${PAGE} or number = 1 order by at, message, part
`

/** What was said in one message, and what it has cost. */
function* entriesOf(
  rows: readonly Row[],
  conversation: string,
  counted: Set<string>,
): Generator<TranscriptEntry> {
  const [{about = '', at: created, message = '', session} = {}] = rows
  const info = parseLine(about, INFO) ?? {}
  const subAgent = session === conversation ? undefined : session
  const at = timeOf(created) ?? UNKNOWN_TIME
  const parts = rows.map(({begun, data = '', part = ''}) => ({
    ...parseLine(data, PART),
    id: part,
    at: timeOf(begun) ?? at,
  }))
  if (info.role === 'user') {
    const texts = parts.flatMap((part) => (isText(part) ? (part.text ?? []) : []))
    if (subAgent === undefined && texts.length > 0)
      yield {type: 'text', role: 'user', id: message, at, text: texts.join('\n\n')}
    return
  }

  if (info.role !== 'assistant') return
  const {modelID, providerID} = info
  const model = modelID === undefined ? undefined : [providerID, modelID].join('/')
  // What opencode lets a model write to shorten the conversation is no answer.
  if (!info.summary) for (const part of parts) yield* messagesOf(part, {model, subAgent})
  if (info.finish === 'stop' && subAgent === undefined) yield {type: 'end', at}
  const numbers = numbersOf(info)
  if (!numbers) return
  // A fork has copies of all messages under new ids, but with their times and counts.
  const id = [countOf(created) ?? 0, ...numbers].join('-')
  if (counted.has(id)) return
  counted.add(id)
  // 0 where opencode knows no price.
  const cost = Number.isFinite(info.cost) && info.cost! > 0 ? info.cost : undefined
  yield {
    type: 'call',
    id,
    at: timeOf(info.time?.completed) ?? at,
    model,
    subAgent,
    ...countsOf(numbers),
    cost,
  }
}

function* messagesOf(
  {id, at: begun, ...part}: Part & {id: string; at: string},
  by: {model?: string; subAgent?: string},
): Generator<TranscriptMessage> {
  const {callID: callId, state = {}, text, tool: name, type} = part
  const {end, start} = part.time ?? state.time ?? {}
  const at = timeOf(start) ?? begun
  const assistant = {...by, role: 'assistant', id, at} as const
  if (text && isText(part)) yield {...assistant, type: 'text', text}
  if (text && type === 'reasoning') yield {...assistant, type, text}
  if (type !== 'tool' || name === undefined || callId === undefined) return
  const {error, output, status} = state
  const input = inputOf(state.input)
  yield {...assistant, type: 'tool_call', callId, name, input, target: toolTarget(input)}
  const isError = status === 'error'
  if (!isError && status !== 'completed') return
  const result = {id: `${id}/result`, at: timeOf(end) ?? at, callId, subAgent: by.subAgent}
  yield {...result, type: 'tool_result', role: 'tool', output: asText(isError ? error : output), isError}
}

/** Whether the user, or the model, wrote the text. */
function isText({synthetic, text, type}: Part): boolean {
  return type === 'text' && text !== '' && !synthetic
}

/** Undefined for the one that opencode gives to a session without a title. */
function titleOf(title = ''): string | undefined {
  return title === '' || /^New session - \d{4}-/.test(title) ? undefined : title
}

type Row = Parsed<typeof ROW>
const SESSION = {
  row: 0,
  id: '',
  directory: '',
  title: '',
  created: 0,
  updated: 0,
  last: 0,
  origin: '',
} as const
/** `about` and `data` are JSON: `INFO` and `PART`. */
const ROW = {at: 0, message: '', part: '', session: '', about: '', begun: 0, data: '', total: 0} as const
const UNKNOWN_TIME = new Date(0).toISOString()
/** In one answer, which may have 16 Mi characters. Each part is escaped twice there. */
const SESSIONS = 10_000
const PARTS = 5000
const PAGE = 3_000_000
const LARGEST_PART = 4_000_000
