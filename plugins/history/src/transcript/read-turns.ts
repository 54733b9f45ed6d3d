import type {ConversationAbout, RecordedConversation, TranscriptEntry} from 'clinvk-contract'
import type {Config} from '@oclif/core'
import {type BackendEntry, backendsOf} from 'clinvk-kit/backends/discover'
import {ioOf} from 'clinvk-kit/command'
import {messageOf} from 'clinvk-kit/errors/failure'
import type {Env} from 'clinvk-kit/io'
import type {SessionFile} from 'clinvk-plugin-sessions/store/session-file'
import {SessionStore} from 'clinvk-plugin-sessions/store/store'
import {archivedRecord} from '../archive/archived-record.js'
import {inOrder, join} from './join.js'
import type {TranscriptTurn} from './message.js'
import {ownTurns} from './own-transcript.js'
import {recordAccess} from './record-access.js'
import {recordedTurns} from './recorded-turns.js'

/** What is read: a session, a conversation of an agent, or both. */
export interface Subject {
  readonly session?: SessionFile
  /** Ids of further sessions on the same conversation. */
  readonly others?: readonly string[]
  /** Without it, the one that the session names. */
  readonly conversation?: {readonly backend: string; readonly id: string; readonly cwd?: string}
  /** Where the agent has it, if that is known already. */
  readonly recorded?: RecordedConversation
  /** Also what sub-agents said in conversations of their own, which is known without it where all conversations are read. */
  readonly hasSubAgents?: boolean
}

export interface HistoryContext {
  readonly env: Env
  readonly backends: ReadonlyMap<string, BackendEntry>
  /** Called with a sentence when the agent's record cannot be read; what clinvk has written itself is read all the same. */
  readonly notice?: (message: string) => void
}

export async function historyContext(
  config: Config,
  notice?: HistoryContext['notice'],
): Promise<HistoryContext> {
  return {env: ioOf(config).env, backends: (await backendsOf(config)).backends, notice}
}

/**
 * Yields turn by turn what clinvk and the agent have recorded, so memory does not grow with the conversation;
 * `onAbout` gets what the record tells.
 */
export async function* readTurns(
  subject: Subject,
  context: HistoryContext,
  onAbout?: (about: ConversationAbout) => void,
): AsyncGenerator<TranscriptTurn> {
  const {others = [], session} = subject
  const {transcripts} = new SessionStore(context.env)
  const own = [...(session ? [session.id] : []), ...others].map((id) => ownTurns(transcripts.path(id)))
  yield* join(own.length === 1 ? own[0]! : inOrder(own), recordedTurns(readable(subject, context), onAbout))
}

/** The record, as far as it can be read. */
async function* readable(subject: Subject, context: HistoryContext): AsyncGenerator<TranscriptEntry> {
  try {
    const record = await recordOf(subject, context)
    if (record) yield* record.entries
  } catch (error) {
    context.notice?.(unreadable(conversationOf(subject)?.backend, error))
  }
}

/** What is missing, for people. */
export function unreadable(backend = '', error: unknown): string {
  return `A part of what ${backend} has recorded cannot be read: ${messageOf(error)}`
}

/** The agent's own record of a conversation. */
export interface ReadableRecord {
  /** Its files, absolute; none where it is read from the archive, or is in no files. */
  readonly paths: readonly string[]
  readonly entries: AsyncIterable<TranscriptEntry>
}

/** Undefined where there is none. What the agent has deleted is read from the archive. */
export async function recordOf(
  subject: Subject,
  {backends, env, notice}: HistoryContext,
): Promise<ReadableRecord | undefined> {
  const conversation = conversationOf(subject)
  const entry = conversation && backends.get(conversation.backend)
  const access =
    entry &&
    (await recordAccess(entry, {cwd: conversation.cwd, env}, (error) =>
      notice?.(unreadable(entry.name, error)),
    ))
  if (!access) return undefined
  const {ask, files, history} = access
  const found = subject.recorded ? [subject.recorded] : await history.conversations(files, ask, conversation)
  const recorded = found.find(({id}) => id === conversation.id)
  if (recorded) {
    const others = subject.hasSubAgents ? await history.subAgents?.(recorded, files) : undefined
    const all = {...recorded, paths: [...recorded.paths, ...(others ?? [])]}
    return {paths: recorded.paths, entries: history.transcript(all, files, ask)}
  }

  const archived = archivedRecord(env, conversation.backend, conversation.id)
  return archived && {paths: [], entries: history.transcript(archived.conversation, archived.files, ask)}
}

function conversationOf({conversation, session}: Subject) {
  if (conversation) return {...conversation, cwd: conversation.cwd ?? session?.working_dir ?? ''}
  if (!session?.backend_session_id) return undefined
  const {backend, backend_session_id: id, backend_state: state, working_dir: cwd} = session
  return {backend, id, cwd, state}
}
