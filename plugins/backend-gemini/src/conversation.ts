import {basename, dirname, sep} from 'node:path'
import {copyAll, isUuid, removeAll, staysIn, usageOfCalls} from 'clinvk-backend-sdk'
import type {Conversation, Files, Forgotten, ModelCall, Run, Turn, Verdict} from 'clinvk-contract'
import {folderOf} from './folders.js'
import {isUnresumable} from './plan.js'
import {entriesIn, type StoredFile, storedFiles} from './stored-file.js'

async function readFiles(id: string, files: Files): Promise<StoredFile[]> {
  const own = await storedFiles(id, files)
  for (const file of own) await file.read()
  return own
}

/** A conversation whose first turn failed begins again with the same id (`plan`). */
export async function isResumable({id, state}: Conversation, files: Files): Promise<boolean> {
  return isUnresumable(state) || (await readFiles(id, files)).some(({isEmpty}) => !isEmpty)
}

/**
 * Gemini 0.61.0 looks for a conversation in the folder of the directory that it runs in: a copy is put there.
 */
export async function move({id, state}: Conversation, to: string, files: Files): Promise<boolean> {
  if (isUnresumable(state)) return true
  const own = await filledFiles(id, files)
  const [longest] = own
  if (!longest) return false
  const from = dirname(dirname(longest.path))
  const target = await folderOf(to, dirname(from), files)
  const isOf = (path: string) => own.some((file) => file.path === path) || (isUuid(id) && path.includes(id))
  const moved = (await files.list()).filter((path) => path.startsWith(from + sep) && isOf(path))
  if (from !== target) await copyAll(moved, from, target, files)
  return true
}

/** Those with messages, the longest first: it continues the others, which earlier moves have left. */
export async function filledFiles(id: string, files: Files): Promise<StoredFile[]> {
  const own = (await readFiles(id, files)).filter(({isEmpty}) => !isEmpty)
  return own.sort((a, b) => b.length - a.length)
}

/** Removes a conversation, with every file that gemini 0.61.0 has made of it. */
export async function forget({id}: Conversation, files: Files): Promise<Forgotten> {
  const removed = await removeTraces(id, await readFiles(id, files), files)
  const logs = (await files.list()).filter((path) => basename(path) === 'logs.json')
  const stays = 'prompts that were typed in it (logs.json)'
  return {removed, stays: await staysIn(logs, `"${id}"`, files, stays)}
}

/** The files of the conversation, and everything whose path has its id or that of a sub-agent: tool outputs, plans. */
async function removeTraces(id: string, own: readonly StoredFile[], files: Files): Promise<string[]> {
  const paths = await files.list()
  const agents = paths
    .filter((path) => basename(dirname(path)) === id && basename(dirname(dirname(path))) === 'chats')
    .map((path) => basename(path).replace(/\.jsonl?$/, ''))
  // Any other id may stand in a path that is not of this conversation.
  const names = [id, ...agents].filter((name) => isUuid(name))
  const removed = paths.filter(
    (path) => own.some((file) => file.path === path) || names.some((name) => path.includes(name)),
  )
  await removeAll(removed, files)
  return removed
}

/**
 * Reads in gemini's own file what the stream did not tell, and cleans up: an
 * ephemeral turn leaves nothing, a session loses its files without content.
 */
export async function settle(
  turn: Turn,
  {content: streamed, ...verdict}: Verdict,
  files: Files,
  {startedAt}: Run,
): Promise<Verdict> {
  const {id, kind} = turn.session
  const own = await storedFiles(id, files)
  const calls: ModelCall[] = []
  const texts: string[] = []
  let {model} = verdict
  for await (const entry of entriesIn(own)) {
    if (new Date(entry.at) < startedAt) continue
    if (entry.type === 'call') calls.push(entry)
    else if (entry.type === 'text' && entry.role === 'assistant') texts.push(entry.text)
    model = entry.model ?? model
  }

  if (kind === 'ephemeral') await removeTraces(id, own, files)
  else await removeEmpty(own, files)
  // A turn that was stopped has no result. The call under way, and the one that chose the model, are not in its file.
  const usage = verdict.usage ?? usageOfCalls(calls)
  return {...verdict, model, usage, content: withoutRepeats(streamed, texts.join('\n\n'))}
}

/** The interactive program leaves the same behind as a turn. */
export async function tidy({id}: Conversation, files: Files): Promise<void> {
  await removeEmpty(await readFiles(id, files), files)
}

/**
 * Each resume of gemini 0.61.0 in a later minute than the session's first makes a file without content; the
 * next start of gemini in that directory takes it for an empty session and deletes every file of the id, the
 * conversation too (`cleanupExpiredSessions`, on by default). And while the file of a turn that was taken
 * back is there, nothing else can have its id.
 */
async function removeEmpty(own: readonly StoredFile[], files: Files): Promise<void> {
  await removeAll(
    own.flatMap(({isEmpty, path}) => (isEmpty ? [path] : [])),
    files,
  )
}

/**
 * When a stream breaks, gemini 0.61.0 silently asks again, and the new answer follows what was streamed of the
 * first try. Its file holds the answer alone, though trimmed and without HTML comments, so it
 * counts only when it says less. Undefined when the stream was right.
 */
function withoutRepeats(streamed: string | undefined, kept: string): string | undefined {
  if (streamed === undefined || kept === '') return undefined
  return bare(streamed).length > bare(kept).length ? kept : undefined
}

/** The part that the file has in common with the stream. */
function bare(text: string): string {
  return text.replaceAll(/<!--[^]*?-->|[\s\u200B-\u200F\uFEFF]/gu, '')
}
