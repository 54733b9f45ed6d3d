import {basename, dirname, join, sep} from 'node:path'
import {isUuid, parseLine} from 'clinvk-backend-sdk'
import type {Conversation, Files, History, RecordedConversation} from 'clinvk-contract'
import {transcript} from './transcript.js'
import {folderOf, write} from './write.js'

/** How clinvk reads and makes records of claude 2.1.197. */
export const history: History = {
  conversations: (files, _ask, only) => conversations(files, only),
  transcript,
  deletedAt,
  write,
}

/**
 * `projects/<directory>/<id>.jsonl`, and `projects/<directory>/<id>/subagents/agent-<sub-agent>.jsonl`. One in several
 * directories was moved: the longest goes on from the others. With `only`, its own directory is looked in first.
 */
export async function conversations(files: Files, only?: Conversation): Promise<RecordedConversation[]> {
  if (only && !isUuid(only.id)) return []
  if (only) {
    const start = join('projects', folderOf(only.cwd), only.id)
    const [main] = await files.list(`${start}.jsonl`)
    if (main !== undefined) return [await conversationOf([main], await files.list(start), files)]
  }

  const mains = new Map<string, string[]>()
  const others = new Map<string, string[]>()
  for (const path of await files.list('projects')) {
    const [start = '', rest] = path.split(SUB_AGENTS)
    const id = basename(path, '.jsonl')
    const isMain = isUuid(id) && path.endsWith('.jsonl') && basename(dirname(dirname(path))) === 'projects'
    if (isMain && (only?.id ?? id) === id) add(mains, id, path)
    else if (rest !== undefined) add(others, `${start}.jsonl`, path)
  }

  return Promise.all(
    [...mains.values()].map((paths) =>
      conversationOf(
        paths,
        paths.flatMap((path) => others.get(path) ?? []),
        files,
      ),
    ),
  )
}

async function conversationOf(
  mains: readonly string[],
  others: readonly string[],
  files: Files,
): Promise<RecordedConversation> {
  let [main = '', size] = [mains[0], -1]
  for (const path of mains.length > 1 ? mains : []) {
    const found = (await files.stat(path))?.size ?? 0
    if (found > size) [main, size] = [path, found]
  }

  const start = main.slice(0, -'.jsonl'.length) + SUB_AGENTS
  const subAgents = others.filter(
    (path) => path.startsWith(start) && /^agent-.*\.jsonl$/.test(basename(path)),
  )
  return {id: basename(main, '.jsonl'), paths: [main, ...subAgents]}
}

function add(map: Map<string, string[]>, key: string, path: string): void {
  const paths = map.get(key)
  if (paths) paths.push(path)
  else map.set(key, [path])
}

const SUB_AGENTS = `${sep}subagents${sep}`

/** Claude 2.1.197 removes at its start what was not written to for so many days; with settings that it refuses, nothing. */
async function deletedAt(
  {paths: [main = '']}: RecordedConversation,
  files: Files,
): Promise<string | undefined> {
  const home = dirname(dirname(dirname(main)))
  const settings = (await files.list('settings.json')).find((path) => dirname(path) === home)
  const written = (await files.stat(main))?.changedAt
  if (written === undefined) return undefined
  const text = settings === undefined ? '{}' : await files.read(settings)
  const {cleanupPeriodDays: days = 30} = parseLine(text, {cleanupPeriodDays: 0}) ?? {}
  const time = new Date(written + days * 86_400_000)
  return days < 1 || Number.isNaN(time.getTime()) ? undefined : time.toISOString()
}
