import {program, removeAll, staysIn, usageOfCalls} from 'clinvk-backend-sdk'
import type {Conversation, Files, Forgotten, Program, Run, Turn, Verdict} from 'clinvk-contract'
import {denialsOf} from './denial.js'
import {callOf} from './messages.js'
import {CLEAN_ENV} from './plan.js'
import {findRollout, type RolloutLine, rolloutLines, threadFiles} from './rollout.js'
import {subAgentFiles} from './sub-agents.js'

/**
 * Adds what codex tells in the files of the thread and its sub-agents alone: the model that was used, the tokens of this
 * turn (what it prints is the total of the thread without them, and nothing when the turn was interrupted), what its
 * sandbox has denied, and to the second when a limit ends.
 */
export async function settle(
  turn: Turn,
  verdict: Verdict,
  files: Files,
  {sessionId, startedAt}: Run,
): Promise<Verdict> {
  if (turn.session.kind === 'ephemeral' || sessionId === undefined) return verdict
  const path = await findRollout(files, sessionId)
  if (path === undefined) return verdict
  const lines = await linesSince(startedAt, path, files)
  const all = [...lines]
  for (const subAgent of await subAgentFiles(sessionId, path, files, startedAt))
    all.push(...(await linesSince(startedAt, subAgent, files)))
  const model = lines.findLast(({payload, type}) => type === 'turn_context' && payload?.model)?.payload?.model
  const calls = all.flatMap(({payload, type}) =>
    type === 'token_usage_record' && payload?.usage ? callOf(payload.usage) : [],
  )
  const found = denialsOf(lines, turn)
  const told = verdict.denials?.filter(({tool}) => !found.some((denial) => denial.tool === tool)) ?? []
  const denials = [...told, ...found]
  const resetsAt = verdict.outcome === 'rate_limit' ? resetTimeIn(lines) : undefined
  return {
    ...verdict,
    ...(resetsAt && {resetsAt}),
    model: model ?? verdict.model,
    usage: usageOfCalls(calls) ?? verdict.usage,
    denials: denials.length === 0 ? verdict.denials : denials,
  }
}

async function linesSince(time: Date, path: string, files: Files): Promise<RolloutLine[]> {
  const lines: RolloutLine[] = []
  for await (const line of rolloutLines(path, files)) if (line.time >= time.getTime()) lines.push(line)
  return lines
}

/** The end of the last limit that is used up. */
function resetTimeIn(lines: readonly RolloutLine[]): string | undefined {
  const {primary, secondary} = lines.findLast(({payload}) => payload?.rate_limits)?.payload?.rate_limits ?? {}
  const ends = [primary, secondary].map(
    (limit) => ((limit?.used_percent ?? 0) >= 100 ? limit?.resets_at : 0) ?? 0,
  )
  const last = Math.max(...ends)
  return last > 0 ? new Date(last * 1000).toISOString() : undefined
}

/** Codex 0.169.0 tells the id of a thread before it writes the file: the description of the thread, then the prompt. */
export async function isResumable({id}: Conversation, files: Files): Promise<boolean> {
  const path = await findRollout(files, id)
  if (path === undefined) return false
  let isBegun = false
  for await (const {payload, type} of rolloutLines(path, files)) {
    isBegun ||= type === 'session_meta'
    if (!isBegun) return false
    if (payload?.type === 'user_message' || payload?.item?.type === 'UserMessage') return true
  }

  return false
}

/**
 * Codex 0.169.0 keeps a thread in a file and, its text too, in databases (`state_5.sqlite`,
 * `thread_history_1.sqlite`), which its own command cleans. It deletes nothing that another codex has open.
 */
export function deleteCommand({id}: Conversation): Program {
  return program(['delete', '--force', id], CLEAN_ENV)
}

/**
 * Removes the file of a thread, and what a codex that was ended meanwhile has left of its shell's snapshot. A fork
 * (0.169.0) continues the file of its parent, which stays then.
 */
export async function forget({id}: Conversation, files: Files): Promise<Forgotten> {
  const path = await findRollout(files, id)
  const [fork] = path === undefined ? [] : await neededBy({id}, files)
  const removed = path === undefined || fork !== undefined ? [] : [path]
  const snapshots = id === '' ? [] : await files.list('shell_snapshots')
  await removeAll([...removed, ...snapshots.filter((file) => file.includes(`/${id}.`))], files)
  if (fork !== undefined) return {removed, stays: `its record, which the fork ${fork} continues`}
  const stays = 'prompts that were typed in it (history.jsonl)'
  return {removed, stays: await staysIn(await files.list('history.jsonl'), id, files, stays)}
}

/** The threads whose files continue that of this one; the first line of a file tells it. */
export async function neededBy({id}: Pick<Conversation, 'id'>, files: Files): Promise<string[]> {
  const forks: string[] = []
  for (const [fork, path] of await threadFiles(files)) {
    for await (const {payload} of rolloutLines(path, files)) {
      if (payload?.history_base?.thread_id === id && fork !== id) forks.push(fork)
      break
    }
  }

  return forks
}
