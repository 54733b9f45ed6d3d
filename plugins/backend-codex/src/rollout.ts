import {parseLines} from 'clinvk-backend-sdk'
import type {Files} from 'clinvk-contract'
import type {TokenCounts} from './messages.js'

/** A line of a thread's file, as far as clinvk reads it. */
export interface RolloutLine {
  timestamp?: string
  type?: string
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

/**
 * What codex has written into the file of a thread since `startedAt`: the lines of
 * this turn, also when it was interrupted. Undefined when there is no such file.
 */
export async function readTurn(
  files: Files,
  threadId: string,
  startedAt: Date,
): Promise<RolloutLine[] | undefined> {
  const path = await findRollout(files, threadId)
  if (path === undefined) return undefined
  const lines = parseLines<RolloutLine>(await files.read(path), isOneOf(TYPES_OF_TURN))
  return lines.filter(({timestamp}) => isSince(timestamp, startedAt))
}

/** What the file of a thread says of its turns, from its beginning. Undefined when there is no such file. */
export async function readThread(files: Files, threadId: string): Promise<RolloutLine[] | undefined> {
  const path = await findRollout(files, threadId)
  return path === undefined ? undefined : parseLines(await files.read(path), isOneOf(TYPES_OF_THREAD))
}

/**
 * `sessions/2026/11/22/rollout-2026-11-22T18-58-14-<thread id>.jsonl`, by the day
 * on which the thread began, in the time zone of that day's user. The id is a
 * UUID of version 7, whose first 48 bits are that time.
 */
export async function findRollout(files: Files, threadId: string): Promise<string | undefined> {
  const began = Number.parseInt(threadId.replaceAll('-', '').slice(0, 12), 16)
  for (const shift of [0, -1, 1]) {
    const day = new Date(began + shift * DAY_MS)
    if (Number.isNaN(day.getTime())) return undefined
    const below = `sessions/${day.toISOString().slice(0, 10).replaceAll('-', '/')}`
    const found = (await files.list(below)).find((path) => path.endsWith(`-${threadId}.jsonl`))
    if (found !== undefined) return found
  }

  return undefined
}

function isOneOf(types: RegExp): (line: string) => boolean {
  return (line) => types.test(line.slice(0, 200))
}

function isSince(timestamp: string | undefined, startedAt: Date): boolean {
  return timestamp !== undefined && Date.parse(timestamp) >= startedAt.getTime()
}

const TYPES_OF_TURN = /"type":"(?:turn_context|token_usage_record|response_item|event_msg)"/
const TYPES_OF_THREAD = /"type":"(?:turn_context|token_usage_record|event_msg)"/
const DAY_MS = 86_400_000
