import {basename, dirname, join, sep} from 'node:path'
import {grouped, isUuid, parseLine} from 'clinvk-backend-sdk'
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
 * directories was moved: the longest copy is the latest. With `only`, its own directory is looked in first.
 */
export async function conversations(files: Files, only?: Conversation): Promise<RecordedConversation[]> {
  if (only && !isUuid(only.id)) return []
  const start = only && join('projects', folderOf(only.cwd), only.id)
  const near = start === undefined ? [] : await files.list(`${start}.jsonl`)
  const paths = near[0] === undefined ? await files.list('projects') : [near[0], ...(await files.list(start))]
  const mains = grouped(paths, (path) => {
    const id = basename(path, '.jsonl')
    const isMain = isUuid(id) && path.endsWith('.jsonl') && basename(dirname(dirname(path))) === 'projects'
    return isMain && (only?.id ?? id) === id ? id : undefined
  })
  const subAgents = grouped(paths, (path) => {
    const [parent = '', rest = ''] = path.split(SUB_AGENTS)
    return /^agent-.*\.jsonl$/.test(basename(rest)) ? `${parent}.jsonl` : undefined
  })
  return Promise.all(
    [...mains].map(async ([id, copies]) => {
      const main = await longest(copies, files)
      return {id, paths: [main, ...(subAgents.get(main) ?? [])]}
    }),
  )
}

async function longest([first = '', ...others]: readonly string[], files: Files): Promise<string> {
  let main = first
  for (const path of others) if ((await sizeOf(path, files)) > (await sizeOf(main, files))) main = path
  return main
}

async function sizeOf(path: string, files: Files): Promise<number> {
  return (await files.stat(path))?.size ?? 0
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
