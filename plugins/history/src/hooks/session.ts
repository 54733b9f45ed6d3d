import {existsSync} from 'node:fs'
import type {Config} from '@oclif/core'
import {oneLine} from 'clinvk-kit/format/text'
import type {SessionHistory} from 'clinvk-kit/hooks/history'
import {isForeign, type SessionFile} from 'clinvk-plugin-sessions/store/session-file'
import {SessionStore} from 'clinvk-plugin-sessions/store/store'
import {historyContext, readTurns, recordOf} from '../transcript/read-turns.js'

/** Answers `history:session`: how much was said in a session, what last, and where it is written down. */
export default async function historyOfSession({
  config,
  session,
}: {
  readonly config: Config
  readonly session: SessionFile
}): Promise<SessionHistory> {
  const context = await historyContext(config)
  const {backend, backend_session_id: id = '', working_dir: cwd} = session
  const subject = isForeign(session) ? {conversation: {backend, id, cwd}} : {session}
  const own = new SessionStore(context.env).transcripts.path(session.id)
  const record = await recordOf(subject, context).catch(() => undefined)
  const records = [...(subject.session && existsSync(own) ? [own] : []), ...(record?.paths ?? [])]
  const deadline = Date.now() + LONGEST_READ_MS
  let messages = 0
  let answer = ''
  for await (const turn of readTurns(subject, context)) {
    if (Date.now() > deadline) return {records}
    for (const message of turn.messages) {
      if (message.type !== 'text' || message.sub_agent !== undefined) continue
      messages++
      if (message.role === 'assistant') answer = message.text
    }
  }

  return {messages, last_answer: oneLine(/\S.*/.exec(answer)?.[0] ?? '') || undefined, records}
}

const LONGEST_READ_MS = 2000
