import {basename, dirname, join, sep} from 'node:path'
import {copyAll, isUuid, parseList, removeAll, staysIn} from 'clinvk-backend-sdk'
import type {Conversation, Files, Forgotten, Run, Turn, Verdict} from 'clinvk-contract'
import {conversations} from './history.js'
import {BLOCK} from './messages.js'
import {type RecordLine, recordLines} from './record-lines.js'
import {folderOf} from './write.js'

/**
 * Claude 2.1.197 exits a moment after its last write, whether that has been read or not: what a busy or stopped clinvk
 * has not read by then is lost, and most of all the result. Claude's own file has the whole answer; where it does not
 * begin with what was printed, the turn stays failed.
 */
export async function settle(
  {cwd, session}: Turn,
  verdict: Verdict,
  files: Files,
  {sessionId: id, startedAt}: Run,
): Promise<Verdict> {
  const isLost = verdict.outcome === 'failed' && verdict.message.startsWith('claude ended with exit code 0')
  if (!isLost || session.kind === 'ephemeral' || id === undefined) return verdict
  const lines: RecordLine[] = []
  const [found] = await conversations(files, {id, cwd})
  for await (const line of found ? recordLines(found.paths[0]!, files) : [])
    if (line.message && !line.isSidechain && line.time >= startedAt.getTime()) lines.push(line)
  const {message: last, type} = lines.at(-1) ?? {}
  if (type !== 'assistant' || last?.stop_reason !== 'end_turn' || last.model?.startsWith('<')) return verdict
  const answers = lines.flatMap(({message, type}) =>
    type === 'assistant' ? parseList(message?.content, BLOCK) : [],
  )
  const texts = answers.flatMap(({text = '', type}) => (type === 'text' && text !== '' ? [text] : []))
  const content = texts.join('\n\n')
  const {denials, leftovers, model = last.model, usage} = verdict
  return content.startsWith(verdict.content ?? '')
    ? {outcome: 'success', content, model, usage, denials, leftovers}
    : verdict
}

/** Claude 2.1.197 writes the prompt before it asks the model; before that it knows no conversation. */
export async function isResumable(conversation: Conversation, files: Files): Promise<boolean> {
  for (const {paths} of await conversations(files, conversation))
    for await (const {type} of recordLines(paths[0]!, files))
      if (type === 'user' || type === 'assistant') return true
  return false
}

/**
 * Claude 2.1.197 looks for a conversation in the folder of the directory that it runs in: a copy is put there. Earlier
 * moves have left older copies; the longest is the latest.
 */
export async function move({id}: Conversation, to: string, files: Files): Promise<boolean> {
  const found = (await conversations(files)).find((conversation) => conversation.id === id)
  const [source] = found?.paths ?? []
  if (source === undefined) return false
  const from = dirname(source)
  const target = join(dirname(from), folderOf(to))
  const own = (await files.list('projects')).filter((path) => path.startsWith(join(from, id) + sep))
  if (from !== target) await copyAll([...own, source], from, target, files)
  return true
}

/**
 * Removes what claude 2.1.197 keeps by the id of a conversation: the transcript
 * in `projects/<directory>`, with the directory of its sub-agents and long tool
 * outputs, and a file or directory of that name in the places below.
 */
export async function forget({id}: Conversation, files: Files): Promise<Forgotten> {
  // Claude takes no other ids, and nothing else may be looked for by a part of its name.
  if (!isUuid(id)) return {removed: []}
  const kept = (await listAll(PLACES, files)).filter((path) => path.split(sep).some((part) => isOf(id, part)))
  const transcripts = kept.filter((path) => basename(path) === `${id}.jsonl`)
  // What commands in the background have printed: `claude-<user>/<directory>/<id>/tasks` among temporary files.
  const temporary = await listAll(
    transcripts.map((path) => join(basename(dirname(path)), id)),
    files,
  )
  const removed = [...kept, ...temporary]
  // Directories of that id, in which no file is left; some were empty from the beginning.
  const directories = transcripts.flatMap((path) => {
    const home = dirname(dirname(dirname(path)))
    return [join(dirname(path), id), ...PLACES.map((place) => join(home, place, id))]
  })
  const temporaryDirectories = temporary.map((path) => path.slice(0, path.indexOf(id) + id.length))
  await removeAll([...removed, ...directories, ...temporaryDirectories], files)
  const stays = 'prompts that were typed in it (history.jsonl)'
  return {removed, stays: await staysIn(await files.list('history.jsonl'), id, files, stays)}
}

async function listAll(places: readonly string[], files: Files): Promise<string[]> {
  return (await Promise.all(places.map((place) => files.list(place)))).flat()
}

function isOf(id: string, name: string): boolean {
  return name === id || name.startsWith(`${id}.`) || name.startsWith(`${id}-`)
}

/** Older versions wrote `todos`; the others are named in the clean-up of 2.1.197 or were seen. */
const PLACES = [
  'projects', 'file-history', 'session-env', 'tasks', 'todos', 'uploads', 'image-cache', 'debug', 'usage-data',
] // prettier-ignore
