import type {Conversation, Files, Forgotten, Program} from 'clinvk-contract'
import {findRollout} from './rollout.js'
import {UNNESTED} from './unnested.js'

/**
 * Codex 0.169.0 keeps a thread in a file and, its text too, in databases
 * (`state_5.sqlite`, `thread_history_1.sqlite`), which its own command cleans. It
 * deletes nothing that another codex has open.
 */
export function deleteCommand({id}: Conversation): Program {
  return {kind: 'program', args: ['delete', '--force', id], env: UNNESTED}
}

/** Removes the file of a thread, and what a codex that was ended meanwhile has left of its shell's snapshot. */
export async function forget({id}: Conversation, files: Files): Promise<Forgotten> {
  const path = await findRollout(files, id)
  if (path !== undefined) await files.remove(path)
  if (id !== '') {
    const snapshots = (await files.list('shell_snapshots')).filter((file) => file.includes(`/${id}.`))
    for (const file of snapshots) await files.remove(file)
  }

  const history = await Promise.all((await files.list('history.jsonl')).map((file) => files.read(file)))
  return {
    removed: path === undefined ? [] : [path],
    ...(history.some((text) => text.includes(id))
      ? {stays: 'prompts that were typed in it (history.jsonl)'}
      : {}),
  }
}
