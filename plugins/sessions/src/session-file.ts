import type {Json} from 'clinvk-kit/contract'
import type {Outcome} from 'clinvk-kit/outcome'
import type {ProcessIdentity} from 'clinvk-kit/process/identity'

/**
 * A session as it stands in `sessions/<id>.json`. The names are the reference
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
  token_usage?: {
    input_tokens?: number
    output_tokens?: number
    cached_tokens?: number
    reasoning_tokens?: number
  }
  tags?: string[]
  title?: string
  parent_id?: string
  error_message?: string
  metadata?: Record<string, string>

  /** A name that the user gave, unique among the sessions. */
  name?: string
  closed_at?: string
  last_outcome?: Outcome
  /** The backend's own state, handed back to it in the next turn. */
  backend_state?: Json
  /** Set while a turn runs: clinvk's process, and the agent's once it has started. */
  running?: {clinvk: ProcessIdentity; agent?: ProcessIdentity}
}

/** Reads a file's text. Undefined when it is no session: not JSON, or without what every session has. */
export function parseSession(text: string): SessionFile | undefined {
  try {
    const found: unknown = JSON.parse(text)
    return isSession(found) ? found : undefined
  } catch {
    return undefined
  }
}

function isSession(found: unknown): found is SessionFile {
  if (typeof found !== 'object' || found === null) return false
  const {
    backend,
    created_at: created,
    id,
    last_used: used,
  } = found as Partial<Record<keyof SessionFile, unknown>>
  return typeof id === 'string' && typeof backend === 'string' && isTime(created) && isTime(used)
}

function isTime(value: unknown): boolean {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value))
}
