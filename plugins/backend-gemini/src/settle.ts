import type {Conversation, Files, Run, Turn, Verdict} from 'clinvk-contract'
import {type ConversationFile, conversationFiles} from './conversation-files.js'
import {corrected} from './correct.js'
import {removeAll} from './forget.js'

/**
 * Reads in gemini's own file what the stream did not tell, and tidies up: an
 * ephemeral turn leaves nothing, a session loses its files without content.
 */
export async function settle(turn: Turn, verdict: Verdict, files: Files, run: Run): Promise<Verdict> {
  const {id, kind} = turn.session
  const own = await conversationFiles(id, files)
  const settled = corrected(
    verdict,
    own.flatMap(({conversation}) => conversation.messages),
    run,
  )
  if (kind === 'ephemeral') await removeAll(id, own, files)
  else await removeEmpty(own, files)
  return settled
}

/** The interactive program leaves the same behind as a turn. */
export async function tidy({id}: Conversation, files: Files): Promise<void> {
  await removeEmpty(await conversationFiles(id, files), files)
}

/**
 * Each resume of gemini 0.61.0 in a later minute than the session's first makes a
 * file without content; the next start of gemini in that directory takes it for an
 * empty session and deletes every file of the id, the conversation too
 * (`cleanupExpiredSessions`, on by default). And while the file of a turn that was
 * taken back is there, nothing else can have its id.
 */
async function removeEmpty(own: readonly ConversationFile[], files: Files): Promise<void> {
  for (const {conversation, path} of own) if (conversation.isEmpty) await files.remove(path)
}
