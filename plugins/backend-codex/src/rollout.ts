import {basename, sep} from 'node:path'
import {isUuid, LineTimes, type Parsed, parseLine} from 'clinvk-backend-sdk'
import type {Files} from 'clinvk-contract'
import {COUNTS} from './messages.js'

/** `resets_at`: seconds since 1970. */
const RATE_LIMIT = {used_percent: 0, resets_at: 0} as const

/** A line of a thread's file (0.169.0), as far as clinvk reads it. */
const LINE = {
  timestamp: '',
  // Goes on in the files of forks. Older versions wrote none: the number of the line stands in for it.
  ordinal: 0,
  // Set below.
  at: '',
  time: 0,
  type: '',
  payload: {
    type: '',
    // Of the turn that the line belongs to.
    turn_id: '',
    // session_meta
    id: '',
    timestamp: '',
    cwd: '',
    forked_from_id: '',
    parent_thread_id: '',
    source: null,
    history_base: {thread_id: '', end_ordinal_exclusive: 0, end_byte_offset: 0},
    // turn_context
    model: '',
    permission_profile: null,
    // token_usage_record: one model call
    response_id: '',
    usage: {...COUNTS, cache_write_input_tokens: 0},
    thread_token_usage: COUNTS,
    // response_item: function_call, custom_tool_call, local_shell_call and their outputs
    call_id: '',
    name: '',
    arguments: '',
    input: '',
    action: null,
    output: null,
    // event_msg: item_completed; `UserMessage`, `AgentMessage`, `Reasoning`, `CommandExecution`, …
    item: {
      type: '',
      id: '',
      status: '',
      content: null,
      summary_text: null,
      command: null,
      aggregated_output: '',
      changes: null,
      server: '',
      tool: '',
      arguments: null,
      result: null,
      error: null,
      query: '',
    },
    // event_msg of older versions: user_message, agent_message, agent_reasoning
    message: '',
    kind: '',
    text: '',
    // event_msg: token_count
    info: {total_token_usage: COUNTS, last_token_usage: COUNTS},
    rate_limits: {primary: RATE_LIMIT, secondary: RATE_LIMIT},
  },
} as const

/** `time`: milliseconds since 1970, of this line or of the one before it; `at`: the same, ISO 8601. */
export type RolloutLine = Parsed<typeof LINE> & Required<Pick<Parsed<typeof LINE>, 'at' | 'ordinal' | 'time'>>

/** Where the part of a file ends that a fork goes on from. */
export interface End {
  readonly end_ordinal_exclusive?: number
  readonly end_byte_offset?: number
}

/** The lines of a thread's file, in order. What is torn or of another type is left out: most of all `compacted`, which may hold hundreds of megabytes. */
export async function* rolloutLines(path: string, files: Files, end: End = {}): AsyncGenerator<RolloutLine> {
  const {end_byte_offset: lastByte = Infinity, end_ordinal_exclusive: lastOrdinal = Infinity} = end
  const times = new LineTimes()
  let [number, offset] = [0, 0]
  for await (const text of files.lines(path)) {
    if (offset >= lastByte) return
    if (lastByte !== Infinity) offset += Buffer.byteLength(text) + 1
    number++
    const head = text.slice(0, 200)
    const line = USED.test(head) && !SENT.test(head) ? parseLine(text, LINE) : undefined
    if (!line?.payload || !TYPES.has(line.type)) continue
    const {ordinal = number} = line
    if (line.ordinal !== undefined && ordinal >= lastOrdinal) return
    const {at, time} = times.read(line.timestamp)
    // Assigned one by one: a copy of each line would take a third of the time of all.
    line.at = at
    line.ordinal = ordinal
    line.time = time
    yield line as RolloutLine
  }
}

const TYPES = new Set<string | undefined>([
  'session_meta',
  'turn_context',
  'token_usage_record',
  'response_item',
  'event_msg',
])
/** What the model is sent: the same again as a line for people. */
const SENT = /"payload":\s*\{"type":\s*"(?:message|reasoning)"/
const USED = new RegExp(`"type":\\s*"(?:${[...TYPES].join('|')})"`)

/** The files of all threads by their ids, also of archived ones and of those that codex has compressed. */
export async function threadFiles(files: Files): Promise<Map<string, string>> {
  const paths = [...(await files.list('sessions')), ...(await files.list('archived_sessions'))]
  const found = new Map<string, string>()
  for (const path of paths) {
    const [, id, packed] = FILE.exec(basename(path)) ?? []
    // While codex compresses a file, both are there.
    if (id !== undefined && (packed === undefined || !found.has(id))) found.set(id, path)
  }

  return found
}

/**
 * `sessions/2026/11/22/rollout-2026-11-22T18-58-14-<thread id>.jsonl`, by the day on which the thread began, in the time
 * zone of that day's user. The id is a UUID of version 7, which tells that time. Otherwise anywhere.
 */
export async function findRollout(files: Files, id: string): Promise<string | undefined> {
  if (!isUuid(id)) return undefined
  for (const shift of [0, -1, 1]) {
    const day = new Date((timeOfId(id) ?? NaN) + shift * 86_400_000)
    if (Number.isNaN(day.getTime())) break
    const below = ['sessions', ...day.toISOString().slice(0, 10).split('-')].join(sep)
    const found = (await files.list(below)).find((path) => path.endsWith(`-${id}.jsonl`))
    if (found !== undefined) return found
  }

  return (await threadFiles(files)).get(id)
}

/** The milliseconds since 1970 in a UUID of version 7. */
export function timeOfId(id = ''): number | undefined {
  return id[14] === '7' && isUuid(id) ? Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16) : undefined
}

export function idOfFile(path: string): string | undefined {
  return FILE.exec(basename(path))?.[1]
}

const FILE = /^rollout-.*-([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})\.jsonl(\.zst)?$/i
