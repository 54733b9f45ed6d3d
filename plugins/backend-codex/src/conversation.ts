import type {Conversation, ConversationRecord, Files, Forgotten, Program, RecordedTurn} from 'clinvk-contract'
import type {TokenCounts} from './messages.js'
import {CLEAN_ENV} from './plan.js'
import {findRollout, readThread, type RolloutLine} from './rollout.js'
import {sum, usageOf} from './usage.js'

/**
 * The turns of a thread from codex's own file (0.169.0). What codex asks a model
 * for itself (a title) and its sub-agents, which have files of their own, do not stand there.
 */
export async function record({id}: Conversation, files: Files): Promise<ConversationRecord | undefined> {
  const lines = await readThread(files, id)
  if (!lines) return undefined
  const total = lines.findLast(({payload}) => payload?.info?.total_token_usage)?.payload?.info
    ?.total_token_usage
  return {
    turns: turnsOf(lines).map((turn) => recorded(turn)),
    state: total && {total: {...sum([total])}},
  }
}

interface CountedTurn {
  readonly startedAt: string
  endedAt: string
  model?: string
  readonly calls: TokenCounts[]
}

/** A turn is a task with a message of the user; what any other task uses (`/compact`) counts with the turn before it. */
function turnsOf(lines: readonly RolloutLine[]): CountedTurn[] {
  const prompted = new Set(
    lines.flatMap(({payload}) => (payload?.item?.type === 'UserMessage' ? [payload.turn_id] : [])),
  )
  const turns = new Map<string | undefined, CountedTurn>()
  let turn: CountedTurn | undefined
  for (const {payload, timestamp = '', type} of lines) {
    if (!payload) continue
    const {model, turn_id: id, usage} = payload
    if (prompted.has(id) && !turns.has(id))
      turns.set(id, {startedAt: timestamp, endedAt: timestamp, calls: []})
    turn = turns.get(id) ?? turn
    if (!turn || id === undefined) continue
    turn.endedAt = timestamp
    if (type === 'turn_context' && model !== undefined) turn.model = model
    if (type === 'token_usage_record' && usage) turn.calls.push(usage)
  }

  return [...turns.values()]
}

function recorded({calls, ...turn}: CountedTurn): RecordedTurn {
  return {...turn, usage: calls.length === 0 ? undefined : usageOf(sum(calls))}
}

/**
 * Codex 0.169.0 keeps a thread in a file and, its text too, in databases
 * (`state_5.sqlite`, `thread_history_1.sqlite`), which its own command cleans. It
 * deletes nothing that another codex has open.
 */
export function deleteCommand({id}: Conversation): Program {
  return {kind: 'program', args: ['delete', '--force', id], env: CLEAN_ENV}
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
    stays: history.some((text) => text.includes(id))
      ? 'prompts that were typed in it (history.jsonl)'
      : undefined,
  }
}
