import type {Json} from 'clinvk-contract'
import type {Outcome} from 'clinvk-kit/errors/failure'
import {withoutMark} from 'clinvk-kit/files/read-file'
import {isRecord} from 'clinvk-kit/format/is-record'
import type {SessionWorktree} from 'clinvk-kit/turn/request'
import type {ProcessIdentity} from 'clinvk-kit/process/identity'

/**
 * A session as it is in `sessions/<id>.json`. The names are the reference
 * program's, up to `metadata`; what follows is ours. Times are ISO 8601 with a
 * zone. Fields that this version does not know are kept as they are.
 */
export interface SessionFile {
  /** 32 hexadecimal digits; 16 in old files. */
  id: string
  backend: string
  created_at: string
  last_used: string
  /** The absolute directory that the agent runs in. Old files may have it empty or relative. */
  working_dir: string
  /** The agent's own id, once the agent has shown it. */
  backend_session_id?: string
  /** The model that answered last. */
  model?: string
  initial_prompt?: string
  /** As derived at the last write; readers derive it anew (`status.ts`). */
  status?: string
  /** Turns that were run, however they ended. */
  turn_count?: number
  token_usage?: Partial<Record<TokenField, number>>
  tags?: string[]
  title?: string
  /** The session that this one was forked from. */
  parent_id?: string
  error_message?: string
  metadata?: Record<string, string>

  /** Only where a file needs a later version of clinvk than the first: older ones leave it alone. */
  version?: number
  /** A name that the user gave, unique among the sessions. */
  name?: string
  closed_at?: string
  /** Of a fork: the turn of its parent after which it continues apart. */
  forked_at?: number
  /** Set where `parallel`, `chain` or `compare` began it: their run, and the number of the task in it. */
  run?: {id: string; task: number}
  /** The work tree of git that was made for it. */
  worktree?: SessionWorktree
  last_outcome?: Outcome
  /** The backend's own state, handed back to it in the next turn. */
  backend_state?: Json
  /** Set while the agent's own record of the conversation is not confirmed: its first prompt is kept, and whether tools have run. */
  unconfirmed?: {tools?: boolean}
  /**
   * Set while a turn runs: clinvk's process, and the agent's once it has started. `turn` tells the turns of one process
   * apart; where it is absent, the process has one.
   */
  running?: {clinvk: ProcessIdentity; agent?: ProcessIdentity; turn?: string}
}

export const TOKEN_FIELDS = ['input_tokens', 'output_tokens', 'cached_tokens', 'reasoning_tokens'] as const
type TokenField = (typeof TOKEN_FIELDS)[number]

/** The first eight digits of an id, as people see it. */
export function shortId({id}: Pick<SessionFile, 'id'>): string {
  return id.slice(0, SHORT_ID_LENGTH)
}

/** Whether it stands in a list for a conversation that an agent had without clinvk, under the agent's own id. */
export function isForeign({backend_session_id: conversation, id}: SessionFile): boolean {
  return id === conversation
}

/**
 * Reads a file's text: `unreadable` when it is no session (not JSON, or without
 * what every session has), `newer` when it says that this version must not touch it.
 */
export function parseSession(text: string): SessionFile | 'unreadable' | 'newer' {
  const found = parseRecord(withoutMark(text))
  if (!found) return 'unreadable'
  if (typeof found.version === 'number' && found.version > VERSION) return 'newer'
  for (const [field, isValid] of Object.entries(FIELDS)) {
    // Some programs write null for what is not there.
    if (found[field] === null) Reflect.deleteProperty(found, field)
    if (found[field] === undefined ? REQUIRED.includes(field) : !isValid(found[field])) return 'unreadable'
  }

  return found as unknown as SessionFile
}

/** The object that a text of JSON is; undefined for every other text. */
export function parseRecord(text: string): Record<string, unknown> | undefined {
  try {
    const found: unknown = JSON.parse(text)
    return isRecord(found) ? found : undefined
  } catch {
    return undefined
  }
}

const isText = (value: unknown) => typeof value === 'string'
const isNumber = (value: unknown) => typeof value === 'number'
const isTime = (value: unknown) => isText(value) && !Number.isNaN(Date.parse(value))
const isProcess = (value: unknown) => isRecord(value) && isNumber(value.pid) && isText(value.started)

const REQUIRED = ['id', 'backend', 'created_at', 'last_used']
const TEXTS = ['working_dir', 'backend_session_id', 'model', 'initial_prompt', 'status', 'title', 'parent_id']
const FIELDS: Record<string, (value: unknown) => boolean> = {
  ...Object.fromEntries(
    ['id', 'backend', ...TEXTS, 'error_message', 'name', 'closed_at', 'last_outcome'].map((field) => [
      field,
      isText,
    ]),
  ),
  created_at: isTime,
  last_used: isTime,
  turn_count: isNumber,
  forked_at: isNumber,
  token_usage: (value) => isRecord(value) && TOKEN_FIELDS.every((field) => isNumber(value[field] ?? 0)),
  tags: (value) => Array.isArray(value) && value.every(isText),
  run: (value) => isRecord(value) && isText(value.id) && isNumber(value.task),
  worktree: (value) =>
    isRecord(value) && ['repository', 'path', 'branch', 'base'].every((field) => isText(value[field])),
  unconfirmed: (value) => isRecord(value),
  running: (value) =>
    isRecord(value) &&
    isProcess(value.clinvk) &&
    (value.agent === undefined || isProcess(value.agent)) &&
    (value.turn === undefined || isText(value.turn)),
}

const VERSION = 1
export const SHORT_ID_LENGTH = 8
