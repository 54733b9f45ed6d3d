import {join} from 'node:path'
import type {ConversationDraft, Files, NewRecord} from 'clinvk-contract'

/**
 * A thread that codex 0.169.0 resumes. Each message stands in it twice: as the model is sent it, and as an event, which
 * codex's own lists are made of. Without `history_mode`, lines need no ordinals, and none may be wrong.
 */
export function write(
  {cwd, id: uuid, messages}: ConversationDraft,
  {directories: [home = '']}: Files,
): Promise<NewRecord> {
  const now = new Date()
  // Of version 7, like codex's own: it tells when the thread began. Codex answers from another thread where the id in a
  // file is not that of its name.
  const time = now.getTime().toString(16).padStart(12, '0')
  const id = `${time.slice(0, 8)}-${time.slice(8)}-7${uuid.slice(15)}`
  const timestamp = now.toISOString()
  const meta = {id, timestamp, cwd, originator: 'clinvk', cli_version: VERSION, source: 'exec'}
  const lines = messages.flatMap(({at, role, text}) => {
    const content = [{type: role === 'user' ? 'input_text' : 'output_text', text}]
    const event =
      role === 'user'
        ? {type: 'user_message', message: text, kind: 'plain', images: []}
        : {type: 'agent_message', message: text}
    return [line(at, 'response_item', {type: 'message', role, content}), line(at, 'event_msg', event)]
  })
  const [day = '', hour = ''] = localTime(now).split('T')
  const path = join(home, 'sessions', ...day.split('-'), `rollout-${day}T${hour}-${id}.jsonl`)
  return Promise.resolve({
    id,
    path,
    lines: [line(timestamp, 'session_meta', meta), ...lines],
    state: {total: {}},
  })
}

function line(timestamp: string, type: string, payload: object): string {
  return JSON.stringify({timestamp, type, payload})
}

/** As codex names files: `2026-11-27T18-46-45`, by the clock of the place. */
function localTime(now: Date): string {
  const local = new Date(now.getTime() - now.getTimezoneOffset() * 60_000)
  return local.toISOString().slice(0, 19).replaceAll(':', '-')
}

const VERSION = '0.169.0'
