import {basename, dirname, join, sep} from 'node:path'
import {copyAll, isUuid, parseLines, removeAll, staysIn} from 'clinvk-backend-sdk'
import type {Conversation, ConversationRecord, Files, Forgotten} from 'clinvk-contract'
import {conversations, folderOf} from './history.js'
import {type TokenCounts, usageOfCalls} from './messages.js'
import {recordLines} from './record-lines.js'

/**
 * The turns of a conversation from claude's own file (2.1.197), `projects/<directory>/<id>.jsonl`,
 * and those of its sub-agents, in `projects/<directory>/<id>/subagents`. What claude asks a model
 * for itself (a title, a summary of what is dropped) does not stand there.
 */
export async function record({id}: Conversation, files: Files): Promise<ConversationRecord | undefined> {
  const paths = (await files.list('projects')).filter((path) => path.endsWith('.jsonl'))
  const main = paths.filter((path) => basename(path) === `${id}.jsonl`)
  if (main.length === 0) return undefined
  const subAgents = paths.filter((path) => path.includes(`${sep}${id}${sep}subagents${sep}`))
  const turns = turnsOf(await readLines(main, files))
  for (const line of await readLines(subAgents, files)) {
    const turn = turns.findLast(({startedAt}) => startedAt <= (line.timestamp ?? ''))
    if (turn) count(line, turn)
  }

  return {turns: turns.map(({calls, ...turn}) => ({...turn, usage: usageOfCalls([...calls.values()])}))}
}

interface CountedTurn {
  readonly startedAt: string
  endedAt: string
  model?: string
  /** By model call: each content block of an answer is a line of its own with the counts of the whole call. */
  readonly calls: Map<string, TokenCounts>
}

/** A prompt begins a turn when claude answers it: commands such as `/model` are never answered. */
function turnsOf(lines: readonly TranscriptLine[]): CountedTurn[] {
  const turns = new Map<string, CountedTurn>()
  let prompt = {id: '', startedAt: ''}
  for (const line of lines) {
    const {isCompactSummary, isMeta, isSidechain, toolUseResult, type} = line
    if (type === 'assistant') {
      const {id, startedAt} = prompt
      const turn = turns.get(id) ?? {startedAt, endedAt: startedAt, calls: new Map<string, TokenCounts>()}
      turns.set(id, turn)
      count(line, turn)
    } else if (!isCompactSummary && !isMeta && !isSidechain && toolUseResult === undefined) {
      const id = line.promptId ?? line.uuid ?? ''
      if (id !== prompt.id) prompt = {id, startedAt: line.timestamp ?? ''}
    }
  }

  return [...turns.values()]
}

function count({isSidechain, message, timestamp = '', type}: TranscriptLine, turn: CountedTurn): void {
  if (timestamp > turn.endedAt) turn.endedAt = timestamp
  // What claude says itself (an error, an interruption) is of no model.
  if (type !== 'assistant' || message?.model === undefined || message.model.startsWith('<')) return
  if (!isSidechain) turn.model = message.model
  if (message.id !== undefined && message.usage) turn.calls.set(message.id, message.usage)
}

/** A line of claude's own file of a conversation, as far as clinvk reads it. */
interface TranscriptLine {
  type: string
  uuid?: string
  /** The same for all that follows from one prompt. */
  promptId?: string
  /** ISO 8601. */
  timestamp?: string
  /** Said by a sub-agent. */
  isSidechain?: boolean
  /** Written by claude itself in the user's name. */
  isMeta?: boolean
  isCompactSummary?: boolean
  /** Of a `user` line that is no prompt but what a tool gave back. */
  toolUseResult?: unknown
  message?: {
    id?: string
    model?: string
    usage?: TokenCounts
    stop_reason?: string | null
    /** Of an answer; a prompt may be a text. */
    content?: readonly {type?: string; text?: string}[]
  }
}

async function readLines(paths: readonly string[], files: Files): Promise<TranscriptLine[]> {
  const texts = await Promise.all(paths.map((path) => files.read(path)))
  const lines = texts.flatMap((text) => parseLines<TranscriptLine>(text, (line) => USED.test(line)))
  return lines.filter(({type}) => type === 'user' || type === 'assistant')
}

const USED = /"type":"(?:user|assistant)"/

/** Claude 2.1.197 writes the prompt before it asks the model; before that it knows no conversation. */
export async function isResumable(conversation: Conversation, files: Files): Promise<boolean> {
  for (const {paths} of await conversations(files, conversation))
    for await (const {message} of recordLines(paths[0]!, files)) if (message) return true
  return false
}

/**
 * Claude 2.1.197 looks for a conversation in the folder of the directory that it runs in: a copy is put there. Of
 * several the longest goes on from the others, which earlier moves have left.
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
