import type {Conversation, Files, Run, Turn, Verdict} from 'clinvk-contract'
import {removeAll} from './conversation.js'
import {type ConversationFile, conversationFiles, type StoredMessage, textOf} from './session-file.js'
import {usageOfMessages} from './usage.js'

/**
 * Reads in gemini's own file what the stream did not tell, and cleans up: an
 * ephemeral turn leaves nothing, a session loses its files without content.
 */
export async function settle(turn: Turn, verdict: Verdict, files: Files, run: Run): Promise<Verdict> {
  const {id, kind} = turn.session
  const own = await conversationFiles(id, files)
  const settled = mergeTranscript(
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

/** Takes from the messages of this run in gemini's own file what its stream does not tell. */
function mergeTranscript(
  {content: streamed, ...verdict}: Verdict,
  messages: readonly StoredMessage[],
  {startedAt}: Run,
): Verdict {
  const answers = messages.filter(
    ({timestamp, type}) => type === 'gemini' && timestamp !== undefined && new Date(timestamp) >= startedAt,
  )
  const model = answers.at(-1)?.model ?? verdict.model
  // A turn that was stopped has no result. The call under way, and the one that chose the model, are not in its file.
  const usage = verdict.usage ?? usageOfMessages(answers)
  return {...verdict, model, usage, content: withoutRepeats(streamed, answers)}
}

/**
 * When a stream breaks, gemini 0.61.0 asks again without a word, and the answer
 * begins anew behind what was streamed of the first try. Its file holds the answer
 * alone, though trimmed and without HTML comments, so it counts only when it says
 * less. Undefined when the stream was right.
 */
function withoutRepeats(streamed: string | undefined, answers: readonly StoredMessage[]): string | undefined {
  const texts = answers.map((answer) => textOf(answer)).filter((text) => text !== '')
  if (streamed === undefined || texts.length === 0) return undefined
  const kept = texts.join('\n\n')
  return bare(streamed).length > bare(kept).length ? kept : undefined
}

/** The part that the file has in common with the stream. */
function bare(text: string): string {
  return text.replaceAll(/<!--[^]*?-->|[\s\u200B-\u200F\uFEFF]/gu, '')
}
