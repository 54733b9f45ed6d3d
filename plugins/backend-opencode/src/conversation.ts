import {program, removeAll, staysIn} from 'clinvk-backend-sdk'
import type {Ask, Conversation, Files, Forgotten, Program} from 'clinvk-contract'
import {ID, OFFLINE, query, quoted} from './database.js'

/** opencode 1.18 makes a session, then the message of the user, then its text. */
export async function isResumable({id}: Conversation, _files: Files, ask: Ask): Promise<boolean> {
  if (!ID.test(id)) return false
  const prompt = `select 1 from message join part on part.message_id = message.id
    where message.session_id = '${id}' and message.data ->> 'role' = 'user' and part.data ->> 'type' = 'text' limit 1`
  return hasRows(prompt, ask)
}

/** opencode 1.18 refuses a session in any directory but the one that its database names; sub-agents' go with it. */
export async function move({id}: Conversation, to: string, _files: Files, ask: Ask): Promise<boolean> {
  if (!ID.test(id)) return false
  const change = `update session set directory = ${quoted(to)}
    where id = '${id}' or parent_id = '${id}' returning id`
  return hasRows(change, ask)
}

async function hasRows(sql: string, ask: Ask): Promise<boolean> {
  const rows = await query(ask, sql, {})
  if (rows) return rows.length > 0
  throw new Error('opencode is not installed, or does not answer.')
}

/** opencode keeps conversations in a database (`opencode.db`), which its own command cleans; sub-agents' go with them. */
export function deleteCommand({id}: Conversation): Program {
  return program(['session', 'delete', id], OFFLINE)
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
