import {type Parsed, parseLine, parseList} from 'clinvk-backend-sdk'
import type {Files} from 'clinvk-contract'
import {threadFiles, timeOfId} from './rollout.js'

/** Codex 0.169.0 gives each sub-agent a thread of its own, whose first line names the one that began it. */
export interface Spawned {
  /** The thread that began it, where that is told. */
  readonly by?: string
  /** What the agent calls it. */
  readonly name?: string
}

/** What the first line of a thread tells of where it comes from. */
const META = {parent_thread_id: '', source: null} as const

/** Undefined for a thread of the user's. */
export function spawnedBy({parent_thread_id: parent, source}: Parsed<typeof META>): Spawned | undefined {
  const [told] = parseList([source], {subagent: null}).filter(({subagent}) => subagent !== undefined)
  if (!told && parent === undefined) return undefined
  // `{thread_spawn: {agent_nickname}}`, or `review`.
  if (typeof told?.subagent === 'string') return {by: parent, name: told.subagent}
  const shape = {thread_spawn: {agent_nickname: '', parent_thread_id: ''}}
  const {agent_nickname: name, parent_thread_id: spawner} =
    parseList([told?.subagent], shape)[0]?.thread_spawn ?? {}
  return {by: parent ?? spawner, name}
}

/**
 * The files of the sub-agents that worked for a thread since a time, also of those that these have begun, the first one
 * first. They began while the file of the thread grew, so no other files are opened.
 */
export async function subAgentFiles(
  id: string,
  path: string,
  files: Files,
  since = new Date(0),
): Promise<string[]> {
  const began = timeOfId(id)
  const {changedAt: ended} = (await files.stat(path)) ?? {}
  if (began === undefined || ended === undefined) return []
  const threads = [...(await threadFiles(files))]
    .flatMap(([thread, path]) => ({thread, path, start: timeOfId(thread) ?? 0}))
    .filter(({start, thread}) => thread !== id && start >= began && start <= ended)
    .sort((a, b) => a.start - b.start)
  const working = new Set([id])
  const found: string[] = []
  for (const {path, thread} of threads) {
    const {changedAt = 0} = (await files.stat(path)) ?? {}
    if (changedAt < since.getTime()) continue
    for await (const first of files.lines(path)) {
      // Of most threads that is enough; to parse their long first line would take most of the time.
      const payload = first.includes('"parent_thread_id"')
        ? parseLine(first, {payload: META})?.payload
        : undefined
      const by = payload && spawnedBy(payload)?.by
      if (by !== undefined && working.has(by)) {
        working.add(thread)
        found.push(path)
      }

      break
    }
  }

  return found
}
