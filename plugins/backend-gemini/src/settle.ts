import type {Files, Run, Turn, Verdict} from 'clinvk-kit/contract'
import {basename, dirname} from 'node:path'
import {corrected} from './correct.js'
import {type Conversation, readConversation} from './session-file.js'

/**
 * Reads in gemini's own file what the stream did not tell, and tidies up: an
 * ephemeral turn leaves nothing, a session loses its files without content.
 *
 * Each resume of gemini 0.61.0 in a later minute than the session's first makes such
 * a file; the next start of gemini in that directory takes it for an empty session and
 * deletes every file of the id, the conversation too (`cleanupExpiredSessions`, on by
 * default). And while the file of a turn that was taken back is there, nothing else
 * can have its id.
 */
export async function settle(turn: Turn, verdict: Verdict, files: Files, run: Run): Promise<Verdict> {
  const {id, kind} = turn.session
  const paths = await files.list()
  const own = await conversationFiles(id, paths, files)
  const settled = corrected(
    verdict,
    own.flatMap(({conversation}) => conversation.messages),
    run,
  )
  if (kind === 'ephemeral') await forget(id, own, paths, files)
  else for (const {conversation, path} of own) if (conversation.isEmpty) await files.remove(path)
  return settled
}

interface ConversationFile {
  readonly path: string
  readonly conversation: Conversation
}

/** Files of this conversation, oldest first: their names begin with the minute and end with 8 digits of the id. */
async function conversationFiles(
  id: string,
  paths: readonly string[],
  files: Files,
): Promise<ConversationFile[]> {
  const candidates = paths.filter(
    (path) =>
      basename(dirname(path)) === 'chats' && new RegExp(`-${id.slice(0, 8)}\\.jsonl?$`).test(basename(path)),
  )
  const found = await Promise.all(
    candidates.sort().map(async (path) => ({path, conversation: readConversation(await files.read(path))})),
  )
  return found.filter(({conversation}) => conversation.id === id)
}

/** Besides, everything whose path has the id of the session or of one of its sub-agents: chats, tool outputs, plans. */
async function forget(
  id: string,
  own: readonly ConversationFile[],
  paths: readonly string[],
  files: Files,
): Promise<void> {
  const agents = paths
    .filter((path) => basename(dirname(path)) === id && basename(dirname(dirname(path))) === 'chats')
    .map((path) => basename(path).replace(/\.jsonl?$/, ''))
  const isOwn = (path: string) => [id, ...agents].some((name) => path.includes(name))
  for (const {path} of own) await files.remove(path)
  for (const path of paths) if (isOwn(path)) await files.remove(path)
}
