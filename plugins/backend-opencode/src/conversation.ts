import {program, removeAll, staysIn} from 'clinvk-backend-sdk'
import type {Ask, Conversation, ConversationRecord, Files, Forgotten, Program} from 'clinvk-contract'
import {usageOf} from './messages.js'

/** The turns of a conversation, sub-agents included, from the database of opencode 1.18, which it reads itself. */
export async function record(
  {id}: Conversation,
  _files: Files,
  ask: Ask,
): Promise<ConversationRecord | undefined> {
  if (!ID.test(id)) return undefined
  const answer = await ask({args: ['db', '--format', 'json', turnsOf(id)]})
  if (answer?.code !== 0) return undefined
  const rows = JSON.parse(answer.stdout || '[]') as readonly Row[]
  if (rows.length === 0) return undefined
  return {
    turns: rows.map(({begun, calls, ended, model, ...counts}) => ({
      startedAt: new Date(begun).toISOString(),
      endedAt: new Date(ended ?? begun).toISOString(),
      model: model ?? undefined,
      usage: calls === 0 ? undefined : usageOf(counts),
    })),
  }
}

/** opencode 1.18 makes a session, then the message of the user, then its text. */
export async function isResumable({id}: Conversation, _files: Files, ask: Ask): Promise<boolean> {
  if (!ID.test(id)) return false
  const prompt = `select 1 from message join part on part.message_id = message.id
    where message.session_id = '${id}' and message.data ->> 'role' = 'user' and part.data ->> 'type' = 'text' limit 1`
  const answer = await ask({args: ['db', '--format', 'json', prompt]})
  if (answer?.code !== 0) throw new Error('opencode does not answer')
  return (JSON.parse(answer.stdout || '[]') as readonly unknown[]).length > 0
}

/** opencode 1.18 refuses a session in any directory but the one that its database names; sub-agents' go with it. */
export async function move({id}: Conversation, to: string, _files: Files, ask: Ask): Promise<boolean> {
  if (!ID.test(id)) return false
  const change = `update session set directory = '${to.replaceAll("'", "''")}'
    where id = '${id}' or parent_id = '${id}' returning id`
  const answer = await ask({args: ['db', '--format', 'json', change]})
  if (answer?.code !== 0) throw new Error('opencode does not answer')
  return (JSON.parse(answer.stdout || '[]') as readonly unknown[]).length > 0
}

interface Row extends Readonly<Record<'input' | 'output' | 'reasoning' | 'read' | 'written', number>> {
  /** Milliseconds. */
  readonly begun: number
  readonly ended: number | null
  readonly model: string | null
  readonly calls: number
}

/** A turn is a message of the user with a text that the user wrote; it lasts until the next one. */
const turnsOf = (id: string) => `
with recursive family(id) as (
  select id from session where id = '${id}'
  union all select session.id from session join family on session.parent_id = family.id
),
prompt as (
  select time_created as begun, lead(time_created) over (order by time_created, id) as following
  from message
  where session_id = '${id}' and data ->> 'role' = 'user' and exists (
    select 1 from part
    where part.message_id = message.id and data ->> 'type' = 'text' and not coalesce(data ->> 'synthetic', 0)
  )
),
answer as (
  select message.session_id as session, message.time_created as at, message.data as data
  from message join family on family.id = message.session_id
  where message.data ->> 'role' = 'assistant'
)
select
  begun,
  max(coalesce(data ->> '$.time.completed', at)) as ended,
  (
    select (data ->> 'providerID') || '/' || (data ->> 'modelID') from answer
    where session = '${id}' and at >= begun and (following is null or at < following)
    order by at desc limit 1
  ) as model,
  sum(coalesce(data ->> '$.tokens.output', 0) > 0) as calls,
  sum(coalesce(data ->> '$.tokens.input', 0)) as input,
  sum(coalesce(data ->> '$.tokens.output', 0)) as output,
  sum(coalesce(data ->> '$.tokens.reasoning', 0)) as reasoning,
  sum(coalesce(data ->> '$.tokens.cache.read', 0)) as read,
  sum(coalesce(data ->> '$.tokens.cache.write', 0)) as written
from prompt left join answer on at >= begun and (following is null or at < following)
group by begun order by begun
`

/** opencode keeps conversations in a database (`opencode.db`), which its own command cleans; sub-agents' go with them. */
export function deleteCommand({id}: Conversation): Program {
  return program(['session', 'delete', id], {OPENCODE_DISABLE_MODELS_FETCH: 'true'})
}

/** Removes what stands in files of its own, and tells what is left in the log. */
export async function forget({id}: Conversation, files: Files): Promise<Forgotten> {
  if (!ID.test(id)) return {removed: []}
  const paths = await files.list()
  const removed = paths.filter((path) => path.includes(id))
  await removeAll(removed, files)
  const logs = paths.filter((path) => path.endsWith('.log') && !removed.includes(path))
  return {removed, stays: await staysIn(logs, id, files, 'lines about it in its log (no prompts)')}
}

const ID = /^ses_\w+$/
