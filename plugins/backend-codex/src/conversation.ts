import {parseLines, program, removeAll, staysIn} from 'clinvk-backend-sdk'
import type {Conversation, ConversationRecord, Files, Forgotten, Program} from 'clinvk-contract'
import type {Run, Turn, Verdict} from 'clinvk-contract'
import {denialsOf} from './denial.js'
import {sum, type TokenCounts, usageOf} from './messages.js'
import {CLEAN_ENV} from './plan.js'

/** A line of a thread's file (0.169.0), as far as clinvk reads it. */
export interface RolloutLine {
  timestamp?: string
  type: 'session_meta' | 'turn_context' | 'token_usage_record' | 'response_item' | 'event_msg'
  payload?: {
    type?: string
    /** Of the turn that the line belongs to. */
    turn_id?: string
    // turn_context
    model?: string
    permission_profile?: unknown
    // token_usage_record: one model call
    usage?: TokenCounts
    // response_item: function_call, custom_tool_call and their outputs
    call_id?: string
    name?: string
    arguments?: string
    input?: string
    output?: unknown
    // event_msg: item_completed
    item?: {type?: string; id?: string}
    // event_msg: token_count
    info?: {total_token_usage?: TokenCounts} | null
  }
}

const TYPES_OF_TURN = /"type":"(?:turn_context|token_usage_record|response_item|event_msg)"/
const TYPES_OF_THREAD = /"type":"(?:turn_context|token_usage_record|event_msg)"/

/** The lines of these types in the file of a thread. Undefined when there is no such file. */
async function readRollout(files: Files, id: string, types: RegExp): Promise<RolloutLine[] | undefined> {
  const path = await findRollout(files, id)
  if (path === undefined) return undefined
  return parseLines(await files.read(path), (line) => types.test(line.slice(0, 200)))
}

/**
 * `sessions/2026/11/22/rollout-2026-11-22T18-58-14-<thread id>.jsonl`, by the day on which the thread began,
 * in the time zone of that day's user. The id is a UUID of version 7, whose first 48 bits are that time.
 */
async function findRollout(files: Files, id: string): Promise<string | undefined> {
  const began = Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)
  for (const shift of [0, -1, 1]) {
    const day = new Date(began + shift * 86_400_000)
    if (Number.isNaN(day.getTime())) return undefined
    const below = `sessions/${day.toISOString().slice(0, 10).replaceAll('-', '/')}`
    const found = (await files.list(below)).find((path) => path.endsWith(`-${id}.jsonl`))
    if (found !== undefined) return found
  }

  return undefined
}

/**
 * Adds what codex tells in the file of the thread alone: the model that was used,
 * the tokens of this turn (what it prints is the total of the thread, and
 * nothing when the turn was interrupted), and what its sandbox has denied.
 */
export async function settle(
  turn: Turn,
  verdict: Verdict,
  files: Files,
  {sessionId, startedAt}: Run,
): Promise<Verdict> {
  if (turn.session.kind === 'ephemeral' || sessionId === undefined) return verdict
  const all = await readRollout(files, sessionId, TYPES_OF_TURN)
  if (!all) return verdict
  const lines = all.filter(({timestamp = ''}) => Date.parse(timestamp) >= startedAt.getTime())
  const model = lines.findLast(({payload, type}) => type === 'turn_context' && payload?.model)?.payload?.model
  const calls = lines.flatMap(({payload, type}) =>
    type === 'token_usage_record' && payload?.usage ? [payload.usage] : [],
  )
  const found = denialsOf(lines, turn)
  const told = verdict.denials?.filter(({tool}) => !found.some((denial) => denial.tool === tool)) ?? []
  const denials = [...told, ...found]
  return {
    ...verdict,
    model: model ?? verdict.model,
    usage: calls.length === 0 ? verdict.usage : usageOf(sum(calls)),
    denials: denials.length === 0 ? verdict.denials : denials,
  }
}

/**
 * The turns of a thread from codex's own file. What codex asks a model for itself
 * (a title) and its sub-agents, which have files of their own, do not stand there.
 */
export async function record({id}: Conversation, files: Files): Promise<ConversationRecord | undefined> {
  const lines = await readRollout(files, id, TYPES_OF_THREAD)
  if (!lines) return undefined
  const total = lines.findLast(({payload}) => payload?.info?.total_token_usage)?.payload?.info
    ?.total_token_usage
  return {
    turns: turnsOf(lines).map(({calls, ...turn}) => ({
      ...turn,
      usage: calls.length === 0 ? undefined : usageOf(sum(calls)),
    })),
    state: total && {total: {...sum([total])}},
  }
}

/** Codex 0.169.0 tells the id of a thread before it writes the file: the description of the thread, then the prompt. */
export async function isResumable({id}: Conversation, files: Files): Promise<boolean> {
  const lines = await readRollout(files, id, /"type":"(?:session_meta|event_msg|response_item)"/)
  const isPrompt = ({payload}: RolloutLine) =>
    payload?.type === 'user_message' || payload?.item?.type === 'UserMessage'
  return lines?.[0]?.type === 'session_meta' && lines.some((line) => isPrompt(line))
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
  for (const {payload = {}, timestamp = '', type} of lines) {
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

/**
 * Codex 0.169.0 keeps a thread in a file and, its text too, in databases (`state_5.sqlite`,
 * `thread_history_1.sqlite`), which its own command cleans. It deletes nothing that another codex has open.
 */
export function deleteCommand({id}: Conversation): Program {
  return program(['delete', '--force', id], CLEAN_ENV)
}

/** Removes the file of a thread, and what a codex that was ended meanwhile has left of its shell's snapshot. */
export async function forget({id}: Conversation, files: Files): Promise<Forgotten> {
  const path = await findRollout(files, id)
  const removed = path === undefined ? [] : [path]
  const snapshots = id === '' ? [] : await files.list('shell_snapshots')
  await removeAll([...removed, ...snapshots.filter((file) => file.includes(`/${id}.`))], files)
  const stays = 'prompts that were typed in it (history.jsonl)'
  return {removed, stays: await staysIn(await files.list('history.jsonl'), id, files, stays)}
}
