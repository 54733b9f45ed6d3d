import type {Conversation, Files, Forgotten, Program} from 'clinvk-contract'

/** opencode keeps conversations in a database (`opencode.db`), which its own command cleans; sub-agents' go with them. */
export function deleteCommand({id}: Conversation): Program {
  return {kind: 'program', args: ['session', 'delete', id], env: {OPENCODE_DISABLE_MODELS_FETCH: 'true'}}
}

/** Removes what stands in files of its own, and tells what is left in the log. */
export async function forget({id}: Conversation, files: Files): Promise<Forgotten> {
  if (!ID.test(id)) return {removed: []}
  const paths = await files.list()
  const removed = paths.filter((path) => path.includes(id))
  for (const path of removed) await files.remove(path)
  const logs = await Promise.all(
    paths.filter((path) => path.endsWith('.log')).map((path) => files.read(path)),
  )
  return {
    removed,
    ...(logs.some((text) => text.includes(id)) ? {stays: 'lines about it in its log (no prompts)'} : {}),
  }
}

export const ID = /^ses_\w+$/
