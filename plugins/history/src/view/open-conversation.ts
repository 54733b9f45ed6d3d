import {isForeign, type SessionFile} from 'clinvk-plugin-sessions/store/session-file'
import {titleOf} from 'clinvk-plugin-sessions/view/labels'
import {sessionJson} from 'clinvk-plugin-sessions/view/session-json'
import type {Caller} from '../sync/caller.js'
import type {TranscriptTurn} from '../transcript/message.js'
import {historyContext, readTurns} from '../transcript/read-turns.js'

/** A conversation that is about to be printed. */
export interface OpenConversation {
  readonly backend: string
  readonly title: string
  /** For scripts. */
  readonly about: Readonly<Record<string, unknown>>
  readonly turns: AsyncGenerator<TranscriptTurn>
}

/** Nothing of the session's conversation has been read yet; it may be one that an agent had without clinvk. */
export async function openConversation(
  session: SessionFile,
  {config, note: notice}: Pick<Caller, 'config' | 'note'>,
): Promise<OpenConversation> {
  const {backend, backend_session_id: id, working_dir: cwd} = session
  const what = isForeign(session) ? {conversation: {backend, id: id!, cwd}} : {session}
  const subject = {...what, hasSubAgents: true}
  const turns = readTurns(subject, await historyContext(config, notice))
  return {backend, title: titleOf(session), about: {...sessionJson(session)}, turns}
}

/** The last turns alone; reads all the same. */
export async function* lastOf<Turn>(turns: AsyncIterable<Turn>, count: number): AsyncGenerator<Turn> {
  const last: Turn[] = []
  for await (const turn of turns) if (last.push(turn) > count) last.shift()
  yield* last
}
