import type {Json} from 'clinvk-contract'
import type {Outcome} from 'clinvk-kit/errors/failure'
import {withoutMark} from 'clinvk-kit/files/read-file'
import {isLike, parseRecord} from 'clinvk-kit/format/is-record'
import type {SessionWorktree} from 'clinvk-kit/turn/request'
import type {ProcessIdentity} from 'clinvk-kit/process/identity'

export const TOKEN_FIELDS = ['input_tokens', 'output_tokens', 'cached_tokens', 'reasoning_tokens'] as const

/**
 * A session as it is in `sessions/<id>.json`. Times are ISO 8601 with a zone. Fields that this version does not know are
 * kept as they are.
 */
export type SessionFile = Pick<Known, (typeof REQUIRED)[number] | 'working_dir'> & Partial<Known>

type Known = typeof SAMPLE & {
  /** The backend's own state, handed back to it in the next turn. */
  backend_state: Json
}

const REQUIRED = ['id', 'backend', 'created_at', 'last_used'] as const

/** The type of each field, by a sample. The names are the reference program's, up to `metadata`; what follows is ours. */
const SAMPLE = {
  /** 32 hexadecimal digits; 16 in old files. */
  id: '',
  backend: '',
  created_at: '',
  last_used: '',
  /** The absolute directory that the agent runs in. Old files may have it empty or relative. */
  working_dir: '',
  /** The agent's own id, once the agent has shown it. */
  backend_session_id: '',
  /** The model that answered last. */
  model: '',
  initial_prompt: '',
  /** As derived at the last write; readers derive it anew (`status.ts`). */
  status: '',
  /** Turns that were run, however they ended. */
  turn_count: 0,
  token_usage: {} as Partial<Record<(typeof TOKEN_FIELDS)[number], number>>,
  tags: [''],
  title: '',
  /** The session that this one was forked from. */
  parent_id: '',
  error_message: '',
  metadata: {} as Record<string, string>,

  /** Only where a file needs a later version of clinvk than the first: older ones leave it alone. */
  version: 1,
  /** A name that the user gave, unique among the sessions. */
  name: '',
  closed_at: '',
  /** Of a fork: the turn of its parent after which it continues apart. */
  forked_at: 0,
  /** Set where `parallel`, `chain` or `compare` began it: their run, and the number of the task in it. */
  run: {id: '', task: 0},
  /** The work tree of git that was made for it. */
  worktree: {repository: '', path: '', branch: '', base: ''} as SessionWorktree,
  last_outcome: 'success' as Outcome,
  /** Set while the agent's own record of the conversation is not confirmed: its first prompt is kept, and whether tools have run. */
  unconfirmed: {} as {tools?: boolean},
  /**
   * Set while a turn runs: clinvk's process, and the agent's once it has started. `turn` tells the turns of one process
   * apart; where it is absent, the process has one.
   */
  running: {clinvk: {pid: 0, started: ''}} as {
    clinvk: ProcessIdentity
    agent?: ProcessIdentity
    turn?: string
  },
}

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
  if (typeof found.version === 'number' && found.version > SAMPLE.version) return 'newer'
  for (const [field, sample] of Object.entries(SAMPLE)) {
    // Some programs write null for what is not there.
    if (found[field] === null) Reflect.deleteProperty(found, field)
    if (found[field] !== undefined && !isLike(found[field], sample)) return 'unreadable'
  }

  const session = found as unknown as SessionFile
  const isWhole =
    REQUIRED.every((field) => found[field] !== undefined) &&
    [session.created_at, session.last_used].every((time) => !Number.isNaN(Date.parse(time))) &&
    TOKEN_FIELDS.every((field) => typeof (session.token_usage?.[field] ?? 0) === 'number')
  return isWhole ? session : 'unreadable'
}

export const SHORT_ID_LENGTH = 8
