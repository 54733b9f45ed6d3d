import {basename, dirname, join, sep} from 'node:path'
import type {Conversation, Files, Forgotten} from 'clinvk-contract'

/**
 * Removes what claude 2.1.197 keeps by the id of a conversation: the transcript
 * in `projects/<directory>`, with the directory of its sub-agents and long tool
 * outputs, and a file or directory of that name in the places below.
 */
export async function forget({id}: Conversation, files: Files): Promise<Forgotten> {
  // Claude takes no other ids, and nothing else may be looked for by a part of its name.
  if (!UUID.test(id)) return {removed: []}
  const kept = (await listAll(PLACES, files)).filter((path) => isOf(id, path))
  const transcripts = kept.filter((path) => basename(path) === `${id}.jsonl`)
  // What commands in the background have printed: `claude-<user>/<directory>/<id>/tasks` among temporary files.
  const temporary = await listAll(
    transcripts.map((path) => join(basename(dirname(path)), id)),
    files,
  )
  const removed = [...kept, ...temporary]
  for (const path of removed) await files.remove(path)
  for (const directory of directoriesOf(id, transcripts, temporary)) await files.remove(directory)

  const history = await Promise.all((await files.list('history.jsonl')).map((path) => files.read(path)))
  return {
    removed,
    stays: history.some((text) => text.includes(id))
      ? 'prompts that were typed in it (history.jsonl)'
      : undefined,
  }
}

async function listAll(places: readonly string[], files: Files): Promise<string[]> {
  return (await Promise.all(places.map((place) => files.list(place)))).flat()
}

function isOf(id: string, path: string): boolean {
  return path.split(sep).some((part) => part === id || part.startsWith(`${id}.`) || part.startsWith(`${id}-`))
}

/** Directories of that id, in which no file is left; some were empty from the beginning. */
function directoriesOf(id: string, transcripts: readonly string[], temporary: readonly string[]): string[] {
  const own = transcripts.flatMap((path) => {
    const home = dirname(dirname(dirname(path)))
    return [join(dirname(path), id), ...PLACES.map((place) => join(home, place, id))]
  })
  return [...own, ...temporary.map((path) => path.slice(0, path.indexOf(id) + id.length))]
}

/** Older versions wrote `todos`; the others are named in the clean-up of 2.1.197 or were seen. */
const PLACES = [
  'projects',
  'file-history',
  'session-env',
  'tasks',
  'todos',
  'uploads',
  'image-cache',
  'debug',
  'usage-data',
] as const

const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i
